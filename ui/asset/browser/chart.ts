/** Entry of pages with traffic charts: uPlot over a JSON route. From zero, gaps stay gaps, kept fresh. */
import uPlot from "uplot";
import { bitRate } from "../../component/quantity.ts";
import { shownZone, zoned } from "./zone.ts";

const REFRESH_MS = 30_000;
const HEIGHT_PX = 220;
const MINUTE_S = 60;
const DAY_S = 86_400;
const fullTime = zoned({ dateStyle: "medium", timeStyle: "medium" });
/** From a step on: how its ticks read, and what is added where a day begins. */
const TIME_TICKS = [
  [DAY_S, "{MMM} {D}", null, null, null, null, null, null, 1],
  [MINUTE_S, "{HH}:{mm}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{MMM} {D}", null, "\n{MMM} {D}", null, null, null, 1],
] satisfies uPlot.Axis.Values;

interface Traffic {
  /** Unix seconds. */
  timestamps: number[];
  in: (number | null)[];
  out: (number | null)[];
  incidents: Incident[];
}

interface Incident {
  number: number;
  /** Unix seconds. */
  at: number;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axis(more: uPlot.Axis): uPlot.Axis {
  return {
    stroke: colour("--faint"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px Inter, sans-serif",
    ...more,
  };
}

function line(label: string, stroke: string, more: uPlot.Series = {}): uPlot.Series {
  return { label, stroke, width: 1.5, points: { show: false }, spanGaps: false, ...more };
}

function rateText(value: number | null | undefined): string {
  return value === null || value === undefined ? "no data" : bitRate(value);
}

/** Shows the value under the cursor, or the newest, in the legend below the chart. */
function legendWriter(frame: HTMLElement): (plot: uPlot) => void {
  const legend = frame.parentElement;
  const write = (selector: string, text: string) => {
    const element = legend?.querySelector(selector);
    if (element) element.textContent = text;
  };
  return ({ data, cursor }) => {
    const index = cursor.idx ?? data[0].length - 1;
    const at = data[0][index];
    write("[data-in]", rateText(data[1]?.[index]));
    write("[data-out]", rateText(data[2]?.[index]));
    write("[data-at]", at === undefined ? "" : fullTime(at * 1000));
  };
}

/** Where an incident of the device began: a dashed line with its number at the top. */
function incidentMarks(incidents: () => readonly Incident[]): (plot: uPlot) => void {
  return (plot) => {
    const { ctx, bbox } = plot;
    const ratio = window.devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("--critical");
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.font = `${11 * ratio}px Inter, sans-serif`;
    for (const { number, at } of incidents()) {
      const x = plot.valToPos(at, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const isNearEnd = x > bbox.left + bbox.width * 0.9;
      ctx.textAlign = isNearEnd ? "right" : "left";
      ctx.fillText(`INC-${number}`, x + (isNearEnd ? -4 : 4) * ratio, bbox.top + 11 * ratio);
    }
    ctx.restore();
  };
}

function options(frame: HTMLElement, incidents: () => readonly Incident[]): uPlot.Options {
  const write = legendWriter(frame);
  return {
    width: frame.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    tzDate: (atS) => uPlot.tzDate(new Date(atS * 1000), shownZone()),
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    series: [{}, line("In", colour("--accent")), line("Out", colour("--info"), { dash: [5, 3] })],
    axes: [axis({ values: TIME_TICKS }), axis({ size: 76, values: (_plot, ticks) => ticks.map(bitRate) })],
    hooks: { setCursor: [write], setData: [write], ready: [write], draw: [incidentMarks(incidents)] },
  };
}

function showMessage(frame: HTMLElement, text: string): void {
  const note = document.createElement("p");
  note.className = "chart-message";
  note.textContent = text;
  frame.replaceChildren(note);
}

async function readTraffic(url: string): Promise<Traffic> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  const body = (await response.json()) as Traffic & { detail?: string };
  if (!response.ok) throw new Error(body.detail ?? `the hub answered ${response.status}`);
  return body;
}

/** One chart: draws, and keeps itself fresh until its element leaves the page. */
function keepChart(frame: HTMLElement, url: string): void {
  let plot: uPlot | undefined;
  let data: uPlot.AlignedData | undefined;
  let incidents: readonly Incident[] = [];

  function draw(): void {
    if (!data) return;
    plot?.destroy();
    frame.replaceChildren();
    plot = new uPlot(
      options(frame, () => incidents),
      data,
      frame,
    );
  }

  async function refresh(): Promise<void> {
    const traffic = await readTraffic(url);
    incidents = traffic.incidents;
    data = [traffic.timestamps, traffic.in, traffic.out];
    if (traffic.timestamps.length === 0) showMessage(frame, "No samples in this range yet. The next poll brings some.");
    else if (plot) plot.setData(data);
    else draw();
  }

  const tryRefresh = () =>
    void refresh().catch((error: unknown) => {
      plot?.destroy();
      plot = undefined;
      showMessage(frame, `No chart: ${error instanceof Error ? error.message : String(error)}`);
    });
  new ResizeObserver(() => plot?.setSize({ width: frame.clientWidth, height: HEIGHT_PX })).observe(frame);
  document.addEventListener("theme", draw);
  document.addEventListener("zone", draw);
  const timer = setInterval(() => {
    if (frame.isConnected) tryRefresh();
    else clearInterval(timer);
  }, REFRESH_MS);
  tryRefresh();
}

for (const frame of document.querySelectorAll<HTMLElement>("[data-chart]")) {
  const url = frame.dataset["chart"];
  if (url !== undefined) keepChart(frame, url);
}
