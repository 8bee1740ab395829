const PRIVILEGED_BELOW = 1_024;

/** Why a listener could not be opened, with what to do about it. */
export function explainBind(
  failed: string,
  { address, port, key }: { address: string; port: number; key: string },
  error: unknown,
): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `${failed} on ${address} port ${port} (${key} in collector.yaml): ${adviceOf(code, port) ?? reason}`,
    { cause: error },
  );
}

function adviceOf(code: string, port: number): string | undefined {
  if (code === "EADDRINUSE") return "another program listens there. Stop it, or choose another port.";
  if (code === "EADDRNOTAVAIL") return "this machine has no such address. Use 0.0.0.0 for all, or one that it has.";
  if ((code === "EACCES" || code === "EPERM") && port < PRIVILEGED_BELOW)
    return (
      `ports below ${PRIVILEGED_BELOW} need root or CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE). ` +
      `Grant it, or listen on ${port + 1_000} and redirect ${port} to it in the firewall.`
    );
  return undefined;
}
