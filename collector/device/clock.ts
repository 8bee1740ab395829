export { systemTimerClock, type TimerClock } from "../clock.ts";
