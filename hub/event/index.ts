export { EVENT_STATES, type EventPage, type EventView, type ListEvents, listEvents } from "./list.ts";
