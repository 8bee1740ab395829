/** In which zone times are shown: the reader's own, or UTC to talk about them with people elsewhere. */
import { remember } from "./cookie.ts";

const OWN = new Intl.DateTimeFormat().resolvedOptions().timeZone;

function inUtc(): boolean {
  return document.documentElement.dataset["zone"] === "utc";
}

/** IANA name of the zone that times are shown in. */
export function shownZone(): string {
  return inUtc() ? "UTC" : OWN;
}

/** Other parts of the page redraw their times on the event. */
export function toggleZone(): void {
  const zone = inUtc() ? "local" : "utc";
  document.documentElement.dataset["zone"] = zone;
  remember("watchpost_zone", zone);
  document.dispatchEvent(new CustomEvent("zone"));
}

/** A formatter for the shown zone; made anew only when the zone changes. */
export function zoned(options: Intl.DateTimeFormatOptions): (atMs: number) => string {
  let zone = "";
  let format: Intl.DateTimeFormat | undefined;
  return (atMs) => {
    const wanted = shownZone();
    if (!format || wanted !== zone) {
      zone = wanted;
      format = new Intl.DateTimeFormat(undefined, { hour12: false, ...options, timeZone: zone });
    }
    return format.format(atMs);
  };
}
