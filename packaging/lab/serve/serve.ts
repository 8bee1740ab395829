import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { basename } from "node:path";
import { AddressInUse, Agent, type AgentSocket, bindAgent } from "../agent/index.ts";
import { type Recording, readRecording } from "./snmprec.ts";

export interface ServeOptions {
  files: readonly string[];
  /** 0 takes a port that is free at every address. */
  port: number;
  /** Of the first recording; the next ones follow. */
  address?: string;
  /** Accepted besides the base name of the file; "public" when not given. */
  community?: string;
}

export interface ServedRecording {
  /** Base name of the file; also a community it answers to. */
  name: string;
  file: string;
  address: string;
  port: number;
  objects: number;
  malformed: Recording["malformed"];
}

export interface Served {
  devices: ServedRecording[];
  close: () => void;
}

const FIRST_ADDRESS = "127.2.0.1";
const FILES_MAX = 4_096;
const MESSAGE_BYTES_MAX = 65_000;
const PORT_TRIES = 20;

/** Serves recordings of real devices, each at an address of its own. */
export async function serveRecordings(options: ServeOptions): Promise<Served> {
  const { files, port, address = FIRST_ADDRESS, community = "public" } = options;
  if (files.length > FILES_MAX) throw new RangeError(`${files.length} recordings; at most ${FILES_MAX} at a time`);
  if (!isIPv4(address)) throw new RangeError(`"${address}" is not an IPv4 address to serve at`);
  const loaded = files.map((file, at) => load(file, { address: addressAfter(address, at), community }));
  const tries = port === 0 ? PORT_TRIES : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bindAll(loaded, port);
    } catch (error) {
      if (!(error instanceof AddressInUse) || attempt >= tries) throw error;
    }
  }
}

interface Loaded {
  name: string;
  file: string;
  address: string;
  recording: Recording;
  agent: Agent;
}

function load(file: string, options: { address: string; community: string }): Loaded {
  // Octet strings without the x suffix are bytes of the file; most are ASCII, the rest is taken as UTF-8.
  const recording = readRecording(readFileSync(file, "utf8"));
  const name = basename(file).replace(/\.snmprec$/, "");
  const communities = (["v1", "v2c"] as const).flatMap((version) =>
    [options.community, name].map((community) => ({ version, community })),
  );
  const agent = new Agent({
    mib: () => recording.mib,
    clock: Date.now,
    communities,
    messageBytesMax: MESSAGE_BYTES_MAX,
  });
  return { name, file, address: options.address, recording, agent };
}

async function bindAll(loaded: readonly Loaded[], port: number): Promise<Served> {
  const sockets: AgentSocket[] = [];
  const close = () => {
    for (const socket of sockets) socket.close();
  };
  try {
    const devices: ServedRecording[] = [];
    for (const { agent, recording, ...device } of loaded) {
      const socket = await bindAgent(agent, { address: device.address, port: sockets[0]?.port ?? port });
      sockets.push(socket);
      devices.push({ ...device, port: socket.port, objects: recording.objects, malformed: recording.malformed });
    }
    return { devices, close };
  } catch (error) {
    close();
    throw error;
  }
}

function addressAfter(first: string, offset: number): string {
  const number = first.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join(".");
}
