import alpine from "@alpinejs/csp/dist/cdn.min.js" with { type: "file" };
import inter from "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2" with { type: "file" };
import mono from "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2" with {
  type: "file",
};
import htmxSse from "htmx.org/dist/ext/hx-sse.min.js" with { type: "file" };
import htmx from "htmx.org/dist/htmx.min.js" with { type: "file" };
import uplot from "uplot/dist/uPlot.min.css" with { type: "file" };
import { bundle } from "./bundle.ts" with { type: "macro" };
import favicon from "./favicon.svg" with { type: "file" };
import base from "./style/base.css" with { type: "file" };
import chart from "./style/chart.css" with { type: "file" };
import device from "./style/device.css" with { type: "file" };
import discovery from "./style/discovery.css" with { type: "file" };
import evidence from "./style/evidence.css" with { type: "file" };
import form from "./style/form.css" with { type: "file" };
import incident from "./style/incident.css" with { type: "file" };
import incidentList from "./style/incident-list.css" with { type: "file" };
import palette from "./style/palette.css" with { type: "file" };
import shell from "./style/shell.css" with { type: "file" };
import table from "./style/table.css" with { type: "file" };
import topology from "./style/topology.css" with { type: "file" };
import token from "./style/token.css" with { type: "file" };

/** Name in the URL -> file on disk or inside the binary. */
export const ASSET_FILES = {
  "alpine.js": alpine,
  "inter.woff2": inter,
  "mono.woff2": mono,
  "favicon.svg": favicon,
  "token.css": token,
  "base.css": base,
  "shell.css": shell,
  "palette.css": palette,
  "table.css": table,
  "form.css": form,
  "incident-list.css": incidentList,
  "incident.css": incident,
  "evidence.css": evidence,
  "device.css": device,
  "discovery.css": discovery,
  "topology.css": topology,
  "uplot.css": uplot,
  "chart.css": chart,
} as const;

interface Script {
  /** Libraries that come first, as they are. */
  files: readonly string[];
  /** Made from browser/. */
  text: string;
}

/**
 * Name in the URL -> parts of one script. htmx starts itself in the first pause after it was read: in one script with
 * its extension and our listeners there is no pause, however slowly files arrive.
 */
export const ASSET_SCRIPTS = {
  "app.js": { files: [htmx, htmxSse], text: bundle("app.ts") },
  "chart.js": { files: [], text: bundle("chart.ts") },
} as const satisfies Record<string, Script>;

export type AssetName = keyof typeof ASSET_FILES | keyof typeof ASSET_SCRIPTS;

/** In cascade order; each is a `<link>` of its own. */
export const STYLESHEETS: readonly AssetName[] = [
  "token.css",
  "base.css",
  "shell.css",
  "palette.css",
  "table.css",
  "form.css",
  "incident-list.css",
  "evidence.css",
  "incident.css",
  "device.css",
  "discovery.css",
  "topology.css",
  "uplot.css",
  "chart.css",
];
