export { EVENT_STATES, listEvents } from "./list.ts";
