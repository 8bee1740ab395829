import type { Profile } from "../../profile/index.ts";
import type { Polled } from "../polled.ts";
import type { Answered } from "../reading.ts";
import { macText } from "./interfaces.ts";
import { NAME_CHARS_MAX } from "./text.ts";

const NEIGHBOURS_MAX = 2_000;

/** LLDP neighbours; the row index of the remote table is time mark, local port, number. */
export function readNeighbours(profile: Profile, polled: Polled): Answered["neighbours"] {
  const { lldp } = profile;
  if (!lldp) return [];
  const systems = polled.column(lldp.remoteSystem);
  const portIds = polled.column(lldp.remotePortId);
  const portDescriptions = polled.column(lldp.remotePortDescription);
  const localIds = polled.column(lldp.localPortId);
  const localDescriptions = polled.column(lldp.localPortDescription);
  const rows = [...new Set([...portIds.keys(), ...systems.keys()])].slice(0, NEIGHBOURS_MAX);
  return rows.map((index) => {
    const local = index.split(".")[1] ?? "";
    return {
      localPort: portName(localIds.get(local), localDescriptions.get(local)) || local,
      remoteSystem: (systems.get(index)?.text ?? "").slice(0, NAME_CHARS_MAX),
      remotePort: portName(portIds.get(index), portDescriptions.get(index)),
      protocol: "lldp" as const,
    };
  });
}

interface PortValue {
  text: string;
  bytes: Uint8Array;
}

/** A port id may be a name or six bytes of an address: then the description names the port, if it does. */
function portName(id: PortValue | undefined, description: PortValue | undefined): string {
  if (id && isPrintable(id.bytes)) return id.text.slice(0, NAME_CHARS_MAX);
  const described = description?.text ?? "";
  return (described === "" ? macText(id?.bytes) : described).slice(0, NAME_CHARS_MAX);
}

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte !== 0x7f && byte < 0x80);
}
