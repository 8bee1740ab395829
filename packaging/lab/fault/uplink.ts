import type { FaultKind } from "./kind.ts";

export const uplinkCut: FaultKind = {
  summary: "the site loses its connection to the hub: open connections end, new ones are refused",
  on: "site",
  start: (tools) => {
    tools.uplink.cut(tools.id);
    return { detail: "the site's uplink to the hub is cut", undo: () => tools.uplink.mend(tools.id) };
  },
};
