export interface NeighbourView {
  localPort: string;
  remoteSystem: string;
  remotePort: string;
  /** When it is a device watched here. */
  remoteDeviceId?: string;
  protocol: string;
}

export function NeighbourTable({ neighbours }: { neighbours: NeighbourView[] }) {
  return (
    <section class="section" id="neighbour-table" aria-labelledby="neighbours-title">
      <h2 id="neighbours-title">Neighbours</h2>
      {neighbours.length === 0 ? <p class="muted">The device reports none (LLDP or CDP).</p> : null}
      {neighbours.length === 0 ? null : (
        <div class="table-wrap" tabindex={0} role="group" aria-label="Neighbours">
          <table>
            <thead>
              <tr>
                <th scope="col">Port here</th>
                <th scope="col">Device there</th>
                <th scope="col">Port there</th>
                <th scope="col">Seen by</th>
              </tr>
            </thead>
            <tbody>
              {neighbours.map((one) => (
                <tr>
                  <td class="mono">{one.localPort}</td>
                  <td>
                    {one.remoteDeviceId ? (
                      <a href={`/devices/${one.remoteDeviceId}`}>{one.remoteSystem}</a>
                    ) : (
                      <span class="muted">{one.remoteSystem}</span>
                    )}
                  </td>
                  <td class="mono">{one.remotePort}</td>
                  <td class="muted">{one.protocol}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
