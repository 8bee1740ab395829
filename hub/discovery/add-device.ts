import { isMap, isSeq, parseDocument } from "yaml";
import { z } from "zod";
import { HubError } from "../error.ts";

export interface NewDevice {
  name: string;
  address: string;
  port: number;
  credential: string;
  role: string;
}

const listed = z.object({
  devices: z.array(z.object({ name: z.string(), address: z.string(), port: z.number().default(161) })).default([]),
});

/** A collector's configuration with devices to add to; comments and everything else in it stay. */
export class SiteYaml {
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #names: Set<string>;
  readonly #endpoints: Map<string, string>;

  constructor(text: string) {
    this.#document = parseDocument(text, { stringKeys: true });
    const parsed = listed.safeParse(this.#document.toJS() ?? {});
    if (this.#document.errors.length > 0 || !parsed.success)
      throw new HubError("conflict", "The configuration that the collector runs cannot be read. Push it whole once.");
    this.#names = new Set(parsed.data.devices.map(({ name }) => name));
    this.#endpoints = new Map(parsed.data.devices.map((device) => [endpoint(device), device.name]));
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Name of the device at that address and port. */
  at(device: { address: string; port: number }): string | undefined {
    return this.#endpoints.get(endpoint(device));
  }

  add({ role, ...device }: NewDevice): void {
    const node = this.#document.createNode(role === "" ? device : { ...device, role });
    const devices = this.#document.get("devices", true);
    if (isSeq(devices)) devices.add(node);
    else if (isMap(this.#document.contents)) this.#document.set("devices", this.#document.createNode([node]));
    else this.#document.contents = this.#document.createNode({ devices: [node] });
    this.#names.add(device.name);
    this.#endpoints.set(endpoint(device), device.name);
  }

  toString(): string {
    return this.#document.toString();
  }
}

function endpoint({ address, port }: { address: string; port: number }): string {
  return `${address} ${port}`;
}
