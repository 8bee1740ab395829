import { ageText } from "./age-text.ts";

/** How long ago. `nowMs` is the hub's clock when the page was made. */
export function Age({ at, nowMs }: { at: Date; nowMs: number }) {
  return (
    <time datetime={at.toISOString()} data-show="age">
      {ageText(nowMs - at.getTime())}
    </time>
  );
}

/** How long until. */
export function Left({ at, nowMs }: { at: Date; nowMs: number }) {
  return (
    <time datetime={at.toISOString()} data-show="left">
      {ageText(at.getTime() - nowMs)}
    </time>
  );
}

/** Time of day; UTC until the browser has put it into the reader's zone. */
export function ClockTime({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} data-show="clock">
      {at.toISOString().slice(11, 19)}
    </time>
  );
}

/** Hour and minute, with the day when it is another than today: until when something was known. */
export function MinuteTime({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} data-show="minute">
      {at.toISOString().slice(11, 16)} UTC
    </time>
  );
}

/** Date and time of day. */
export function FullTime({ at }: { at: Date }) {
  return (
    <time datetime={at.toISOString()} data-show="full">
      {at.toISOString().slice(0, 19).replace("T", " ")} UTC
    </time>
  );
}
