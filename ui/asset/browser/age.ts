import { ageText } from "../../component/age-text.ts";

/** Keeps ages and clock times true to the reader's clock and zone. The server wrote the same words in UTC. */
const REFRESH_MS = 1_000;

const FORMATS = {
  clock: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false }),
};

function textOf(show: string | undefined, atMs: number, nowMs: number): string {
  if (show === "age") return ageText(nowMs - atMs);
  if (show === "left") return ageText(atMs - nowMs);
  return show === "clock" ? FORMATS.clock.format(atMs) : FORMATS.full.format(atMs);
}

function refreshTimes(): void {
  const nowMs = Date.now();
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-show]")) {
    const atMs = Date.parse(element.dateTime);
    if (Number.isNaN(atMs)) continue;
    const text = textOf(element.dataset["show"], atMs, nowMs);
    if (element.textContent !== text) element.textContent = text;
    if (element.title === "") element.title = FORMATS.full.format(atMs);
  }
}

export function keepTimes(): void {
  refreshTimes();
  setInterval(refreshTimes, REFRESH_MS);
  document.addEventListener("htmx:after:swap", refreshTimes);
}
