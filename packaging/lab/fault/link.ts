import type { FaultKind, FaultTools } from "./kind.ts";
import type { Port } from "../device/index.ts";

const FLAP_DOWN_MS = 1_500;
const FLAP_UP_MS = 2_500;
const ERRORS_PER_SECOND = 120;
const DISCARDS_PER_SECOND = 40;
const CLIMB_SECONDS = 60;
/** Errors and discards together stay below this share of the packets that arrive. */
const LOSS_SHARE_MAX = 0.3;

export const linkDown: FaultKind = {
  summary: "a cable is cut: both ends go down, what is behind cannot be reached",
  on: "interface",
  device: "core-sw1",
  interface: "Te1/1",
  start: (tools, port) => {
    cut(tools, port);
    return { detail: `${nameOf(port)} is cut`, undo: () => mend(tools, port) };
  },
};

export const linkFlap: FaultKind = {
  summary: "a link goes down and up every four seconds",
  on: "interface",
  device: "dist-sw2",
  interface: "Te1/3",
  start: (tools, port) => {
    const down = () => {
      cut(tools, port);
      tools.after(FLAP_DOWN_MS, up);
    };
    const up = () => {
      mend(tools, port);
      tools.after(FLAP_UP_MS, down);
    };
    down();
    return { detail: `${nameOf(port)} flaps`, undo: () => mend(tools, port) };
  },
};

export const interfaceErrors: FaultKind = {
  summary: "input errors and discards rise within a minute to over a hundred a second",
  on: "interface",
  device: "dist-sw1",
  interface: "Te1/3",
  start: (tools, port) => {
    const share = Math.min(
      1,
      (port.floorPacketsPerSecond * LOSS_SHARE_MAX) / (ERRORS_PER_SECOND + DISCARDS_PER_SECOND),
    );
    const nowMs = tools.nowMs();
    port.errorsIn.start({ nowMs, perSecond: ERRORS_PER_SECOND * share, climbSeconds: CLIMB_SECONDS });
    port.discardsIn.start({ nowMs, perSecond: DISCARDS_PER_SECOND * share, climbSeconds: CLIMB_SECONDS });
    return {
      detail: `${port.device} ${port.name} receives damaged packets`,
      undo: () => {
        port.errorsIn.stop(tools.nowMs());
        port.discardsIn.stop(tools.nowMs());
      },
    };
  },
};

function cut(tools: FaultTools, port: Port): void {
  port.cuts.add(tools.id);
  tools.site.refresh();
}

function mend(tools: FaultTools, port: Port): void {
  port.cuts.delete(tools.id);
  tools.site.refresh();
}

function nameOf(port: Port): string {
  const far = port.peer ? ` to ${port.peer.device} ${port.peer.name}` : "";
  return `the link of ${port.device} ${port.name}${far}`;
}
