import { EventKind, EventState, Severity } from "@watchpost/proto";
import pino from "pino";
import { systemClock } from "../clock.ts";
import { openOutbox } from "./index.ts";

const APPENDS_MAX = 900;
const [dir] = process.argv.slice(2);
if (!dir) throw new Error("usage: append-forever.fixture.ts DIR");
const outbox = openOutbox({ dir, bytesMax: 1e8, clock: systemClock, log: pino({ level: "silent" }), bucketMs: 1 });
for (let i = 0; i < APPENDS_MAX; i += 1) {
  const seq = await outbox.append({
    kind: EventKind.SYSLOG,
    state: EventState.MOMENT,
    severity: Severity.INFO,
    device: "sw1",
    object: "",
    fingerprint: "syslog/sw1",
    observedAtMs: i,
    summary: "a line",
    attributes: {},
  });
  process.stdout.write(`${seq}\n`);
}
