import type { Answered } from "../poll/reading.ts";

/** Interfaces by what messages call them, so that a message and a poll speak of one thing by one name. */
export interface PortNames {
  learn(reading: Answered): void;
  byIndex(device: string, ifIndex: number): string | undefined;
  /** By the name as it stands, or a long form of it: TenGigabitEthernet1/5 is Te1/5. */
  byText(device: string, text: string): string | undefined;
}

interface Known {
  interfaces: Answered["interfaces"];
  byIndex: Map<number, string> | undefined;
  byText: Map<string, string> | undefined;
}

const TEXT_CHARS_MAX = 128;

/** Keeps each device's last list of interfaces; the maps are made when a message asks. */
export function createPortNames(): PortNames {
  const devices = new Map<string, Known>();
  return {
    learn({ device, interfaces }) {
      devices.set(device, { interfaces, byIndex: undefined, byText: undefined });
    },
    byIndex(device, ifIndex) {
      const known = devices.get(device);
      if (!known) return undefined;
      known.byIndex ??= new Map(known.interfaces.map((port) => [port.index, port.name]));
      return known.byIndex.get(ifIndex);
    },
    byText(device, text) {
      const known = devices.get(device);
      if (!known) return undefined;
      known.byText ??= new Map(known.interfaces.map((port) => [shortOf(port.name), port.name]));
      return known.byText.get(shortOf(text));
    },
  };
}

/** The first two letters and everything from the first digit on: what long and short forms have in common. */
function shortOf(name: string): string {
  const bounded = name.slice(0, TEXT_CHARS_MAX).toLowerCase();
  const digits = bounded.search(/\d/);
  return digits < 2 ? bounded : `${bounded.slice(0, 2)}${bounded.slice(digits)}`;
}
