import { UplinkProxy } from "./proxy.ts";

export const UPLINK_NAMES = ["link", "enrollment", "remoteWrite"] as const;
export type UplinkName = (typeof UPLINK_NAMES)[number];
export type UplinkPorts = Record<UplinkName, number>;
/** host:port of the hub's listeners. */
export type UplinkTargets = Partial<Record<UplinkName, string>>;

/** The site's connection to the hub: three forwarded ports that a fault can cut. */
export class Uplink implements Record<UplinkName, UplinkProxy> {
  readonly link: UplinkProxy;
  readonly enrollment: UplinkProxy;
  readonly remoteWrite: UplinkProxy;
  readonly #cuts = new Set<string>();

  private constructor(proxies: Record<UplinkName, UplinkProxy>) {
    this.link = proxies.link;
    this.enrollment = proxies.enrollment;
    this.remoteWrite = proxies.remoteWrite;
  }

  static async open(ports: UplinkPorts, targets: UplinkTargets = {}): Promise<Uplink> {
    const link = await UplinkProxy.listen("link", ports.link);
    const enrollment = await UplinkProxy.listen("enrollment", ports.enrollment);
    const remoteWrite = await UplinkProxy.listen("remoteWrite", ports.remoteWrite);
    const uplink = new Uplink({ link, enrollment, remoteWrite });
    uplink.setTargets(targets);
    return uplink;
  }

  get ports(): UplinkPorts {
    return { link: this.link.port, enrollment: this.enrollment.port, remoteWrite: this.remoteWrite.port };
  }

  setTargets(targets: UplinkTargets): void {
    for (const name of UPLINK_NAMES) {
      const target = targets[name];
      if (target !== undefined) this[name].setTarget(target);
    }
  }

  cut(by: string): void {
    this.#cuts.add(by);
    for (const name of UPLINK_NAMES) this[name].setCut(true);
  }

  mend(by: string): void {
    this.#cuts.delete(by);
    for (const name of UPLINK_NAMES) this[name].setCut(this.#cuts.size > 0);
  }

  async close(): Promise<void> {
    await Promise.all(UPLINK_NAMES.map((name) => this[name].close()));
  }
}
