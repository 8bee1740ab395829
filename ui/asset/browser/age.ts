import { ageText } from "../../component/age-text.ts";
import { zoned } from "./zone.ts";

/** Keeps ages and clock times true to the reader's clock and the chosen zone. The server wrote the same words in UTC. */
const REFRESH_MS = 1_000;
const DAY_MS = 86_400_000;

const minute = zoned({ hour: "2-digit", minute: "2-digit" });
const clock = zoned({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = zoned({ day: "numeric", month: "short" });
const full = zoned({ dateStyle: "medium", timeStyle: "medium" });

const TEXTS = new Map<string | undefined, (atMs: number, nowMs: number) => string>([
  ["age", (atMs, nowMs) => ageText(nowMs - atMs)],
  ["left", (atMs, nowMs) => ageText(atMs - nowMs)],
  ["minute", (atMs, nowMs) => (nowMs - atMs < DAY_MS ? minute(atMs) : `${day(atMs)} ${minute(atMs)}`)],
  ["clock", clock],
]);

function refreshTimes(): void {
  const nowMs = Date.now();
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-show]")) {
    const atMs = Date.parse(element.dateTime);
    if (Number.isNaN(atMs)) continue;
    const text = (TEXTS.get(element.dataset["show"]) ?? full)(atMs, nowMs);
    if (element.textContent !== text) element.textContent = text;
    const title = full(atMs);
    if (element.title !== title) element.title = title;
  }
}

export function keepTimes(): void {
  refreshTimes();
  setInterval(refreshTimes, REFRESH_MS);
  document.addEventListener("htmx:after:swap", refreshTimes);
  document.addEventListener("zone", refreshTimes);
}
