import type { Event } from "@watchpost/proto";
import type { EventDraft } from "../../../collector/outbox/index.ts";
import { toEvent } from "../../../collector/outbox/draft.ts";
import { describeLine, syslogFingerprint } from "../../../collector/syslog/describe.ts";
import { parseSyslog } from "../../../collector/syslog/parse.ts";
import { createTopology } from "../../../collector/topology/index.ts";
import { describeTrap, labelOf, trapFingerprint } from "../../../collector/trap/describe.ts";
import { trapNameOf } from "../../../collector/trap/names.ts";
import { createTriage } from "../../../collector/triage/index.ts";

const PORTS = 48;
/** A moment of one fingerprint is told once a minute at most: with 48 ports nothing is folded. */
const APART_MS = 2_000;
const SOURCE = "127.1.0.4";
const LINES = [
  (port: string, n: number) =>
    `<189>${n}: *Mar  1 18:46:11.421: %SYS-5-CONFIG_I: Configured from console by ops on vty0 (10.0.${n % 250}.7), interface ${port}`,
  (port: string, n: number) =>
    `<190>${n}: *Mar  1 18:46:11.421: %ILPOWER-6-POWER_GRANTED: Interface ${port}: Power granted, ${n % 30} W`,
  (port: string, n: number) =>
    `<189>1 2026-03-01T18:46:11Z switch sshd ${n} LOGIN - Accepted publickey for ops from 10.0.${n % 250}.7 port ${n % 60_000} on ${port}`,
];
const TRAPS = ["1.3.6.1.4.1.9.9.43.2.0.1", "1.3.6.1.2.1.47.2.0.1"];

/**
 * What a device tells all day, oldest first: log lines and traps of no weight, each described, judged and encoded by the
 * collector's own code, so that it has the attributes, the verdict and the bytes that a hub gets.
 */
export function told(count: number, device: string): Event[] {
  const triage = createTriage({ topology: topologyOfStrangers(), open: NOTHING, clock: { monotonicMs: () => 0 } });
  const firstMs = Date.now() - count * APART_MS;
  return Array.from({ length: count }, (_, n) => {
    const draft = n % 4 === 3 ? trap(device, n, firstMs + n * APART_MS) : line(device, n, firstMs + n * APART_MS);
    const judged = triage.judge(draft);
    if (judged.kind === "folded") throw new Error(`event ${n} of ${device} repeats ${draft.fingerprint} too soon`);
    return toEvent(judged.event);
  });
}

const NOTHING = { isDeviceDown: () => false, isInterfaceDown: () => false, isInterfaceFlapping: () => false };

function topologyOfStrangers() {
  const store = { all: () => new Map(), put: () => undefined, remove: () => undefined, close: () => undefined };
  return createTopology({ store, attachedTo: undefined });
}

function line(device: string, n: number, nowMs: number): EventDraft {
  const port = `Gi1/0/${(n % PORTS) + 1}`;
  const message = parseSyslog(LINES[n % 4]?.(port, n) ?? "");
  const heard = { message, device, source: SOURCE, transport: "udp", port, isPolled: false, nowMs } as const;
  return describeLine(heard, syslogFingerprint(heard));
}

function trap(device: string, n: number, nowMs: number): EventDraft {
  const trapOid = TRAPS[n % 8 === 3 ? 0 : 1] ?? "";
  const name = trapNameOf(trapOid);
  const subject = { object: `Gi1/0/${(n % PORTS) + 1}`, isInterface: false };
  const history = "1.3.6.1.4.1.9.9.43.1.1.6.1";
  const bindings = [
    { oid: `${history}.3.${n}`, value: "1" },
    { oid: `${history}.4.${n}`, value: "2" },
    { oid: `${history}.5.${n}`, value: "3" },
  ];
  const notification = {
    version: "v2c",
    isInform: false,
    trapOid,
    uptimeTicks: n * 100,
    agentAddress: "",
    bindings,
  } as const;
  const place = { device, source: SOURCE, subject };
  const draft = describeTrap({ ...place, notification: { ...notification, bindings }, name, nowMs });
  return { ...draft, fingerprint: trapFingerprint({ ...place, label: labelOf(name, trapOid) }) };
}
