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
    // Keys are not compared with each other here: 45,000 of them would stand the hub still for half a minute.
    this.#document = parseDocument(text, { stringKeys: true, uniqueKeys: false });
    const devices = devicesIn(this.#document);
    if (!devices)
      throw new HubError("conflict", "The configuration that the collector runs cannot be read. Push it whole once.");
    this.#names = new Set(devices.map(({ name }) => name));
    this.#endpoints = new Map(devices.map((device) => [endpoint(device), device.name]));
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

/** Undefined when the text is no configuration. */
function devicesIn(document: ReturnType<typeof parseDocument>): z.infer<typeof listed>["devices"] | undefined {
  if (document.errors.length > 0) return undefined;
  try {
    return listed.safeParse(document.toJS() ?? {}).data?.devices;
  } catch (error) {
    // The library throws for aliases that would become more than it may hold.
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function endpoint({ address, port }: { address: string; port: number }): string {
  return `${address} ${port}`;
}
