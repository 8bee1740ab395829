import type { Confidence, Examined, FoundDevice } from "./found.ts";
import { Groups } from "./groups.ts";
import { addressOf } from "./range.ts";

const ID_CHARS_MIN = 4;
/** Two answers of one agent give the same start within this time. */
const START_TOLERANCE_MS = 30_000;
/** What more answers have in common is a default of their maker. */
const SHARING_MAX = 256;

interface Evidence {
  confidence: Confidence;
  /** Answers with one of these in common may be one device. */
  marks: (answer: Examined) => string[];
  reason: (mark: string) => string;
  /** What must hold besides. */
  holds?: (a: Examined, b: Examined) => boolean;
}

/** The strongest first. */
const EVIDENCE: readonly Evidence[] = [
  {
    confidence: "high",
    marks: ({ identity: { serial, sysObjectId } }) => (isTelling(serial) ? [`${sysObjectId} ${serial}`] : []),
    reason: (mark) => `same serial number ${mark.slice(mark.indexOf(" ") + 1)}`,
  },
  {
    confidence: "high",
    marks: ({ identity }) => (isTelling(identity.chassisId) ? [identity.chassisId] : []),
    reason: (mark) => `same chassis ${mark}`,
  },
  {
    // Clones of one image share an engine id, so the agent must also have started at the same moment.
    confidence: "high",
    marks: ({ identity }) => (identity.engineId.length > ID_CHARS_MIN ? [identity.engineId] : []),
    reason: (mark) => `same SNMP engine ${mark}, started at the same time`,
    holds: (a, b) => isSameKind(a, b) && startedTogether(a, b),
  },
  {
    confidence: "medium",
    marks: ({ identity: { sysName, sysObjectId }, ports }) =>
      sysName === ""
        ? []
        : [...new Set(ports.flatMap(({ mac }) => (mac === "" ? [] : [`${sysObjectId} ${sysName} ${mac}`])))],
    reason: (mark) => `same name and address of a port, ${mark.slice(mark.lastIndexOf(" ") + 1)}`,
    holds: startedTogether,
  },
  {
    confidence: "medium",
    marks: ({ address, addresses }) => [address, ...addresses],
    reason: (mark) => `one lists the other's address ${mark} as its own`,
    holds: (a, b) =>
      isSameKind(a, b) && startedTogether(a, b) && (a.addresses.includes(b.address) || b.addresses.includes(a.address)),
  },
];

/** Answers that come from one device are made one; `reasons` say why, the weakest of them how sure it is. */
export function mergeDuplicates(answers: readonly Examined[]): FoundDevice[] {
  const groups = new Groups(answers);
  const joined: { a: Examined; reason: string; confidence: Confidence }[] = [];
  for (const evidence of EVIDENCE)
    for (const [mark, sharing] of sharingMarks(answers, evidence))
      for (const b of sharing) {
        const a = sharing.find((other) => other !== b && canJoin(groups, other, b, evidence));
        if (!a) continue;
        joined.push({ a, reason: evidence.reason(mark), confidence: evidence.confidence });
        groups.join(a, b);
      }
  const whys = Map.groupBy(joined, ({ a }) => groups.of(a));
  const found = groups.all().map((members): FoundDevice => {
    const why = whys.get(members) ?? [];
    const confidence = why.some((w) => w.confidence === "medium") ? "medium" : "high";
    return {
      key: "",
      main: mainOf(members),
      members: members.toSorted(byAddress),
      confidence: why.length === 0 ? undefined : confidence,
      reasons: [...new Set(why.map(({ reason }) => reason))],
    };
  });
  return withKeys(found).toSorted((a, b) => byAddress(a.main, b.main));
}

function sharingMarks(answers: readonly Examined[], { marks }: Evidence): Map<string, Examined[]> {
  const sharing = new Map<string, Examined[]>();
  for (const answer of answers)
    for (const mark of marks(answer)) {
      const others = sharing.get(mark);
      if (others) others.push(answer);
      else sharing.set(mark, [answer]);
    }
  for (const [mark, some] of sharing) if (some.length < 2 || some.length > SHARING_MAX) sharing.delete(mark);
  return sharing;
}

function canJoin(groups: Groups<Examined>, a: Examined, b: Examined, { holds }: Evidence): boolean {
  const left = groups.of(a);
  const right = groups.of(b);
  if (left === right || holds?.(a, b) === false) return false;
  return !differ(left, right, "serial") && !differ(left, right, "chassisId");
}

/** Two devices that name different serial numbers are two, whatever else they share. */
function differ(left: readonly Examined[], right: readonly Examined[], part: "serial" | "chassisId"): boolean {
  const told = (answers: readonly Examined[]) => answers.map(({ identity }) => identity[part]).filter(isTelling);
  const known = told(left);
  return told(right).some((value) => known.length > 0 && !known.includes(value));
}

function isTelling(id: string): boolean {
  return id.length >= ID_CHARS_MIN && new Set(id.replaceAll(/[:.\s-]/g, "")).size > 1;
}

function isSameKind(a: Examined, b: Examined): boolean {
  return a.identity.sysObjectId === b.identity.sysObjectId && a.identity.sysName === b.identity.sysName;
}

function startedTogether(a: Examined, b: Examined): boolean {
  const [left, right] = [a.identity.startedAtMs, b.identity.startedAtMs];
  return left === undefined || right === undefined || Math.abs(left - right) <= START_TOLERANCE_MS;
}

/** The lowest address: stable from scan to scan. */
function mainOf(members: readonly Examined[]): Examined {
  const [first] = members.toSorted(byAddress);
  if (!first) throw new Error("a group of answers is empty");
  return first;
}

function byAddress(a: Examined, b: Examined): number {
  const [left, right] = [addressOf(a.address), addressOf(b.address)];
  if (!left || !right || left.family !== right.family) return (left?.family ?? 0) - (right?.family ?? 0);
  return left.value < right.value ? -1 : Number(left.value > right.value) || a.port - b.port;
}

/** The strongest name that no other device has: two devices with one engine id get other keys. */
function withKeys(devices: readonly FoundDevice[]): FoundDevice[] {
  const candidates = devices.map(keysOf);
  const uses = new Map<string, number>();
  for (const keys of candidates) for (const key of keys) uses.set(key, (uses.get(key) ?? 0) + 1);
  return devices.map((device, i) => {
    const { address, port } = device.main;
    return { ...device, key: candidates[i]?.find((key) => uses.get(key) === 1) ?? `address/${address}/${port}` };
  });
}

function keysOf({ members }: FoundDevice): string[] {
  const first = (read: (answer: Examined) => string) => members.map(read).find(isTelling);
  const serial = first(({ identity }) => identity.serial);
  const chassis = first(({ identity }) => identity.chassisId);
  const engine = first(({ identity }) => identity.engineId);
  const { sysObjectId, sysName } = members[0]?.identity ?? { sysObjectId: "", sysName: "" };
  return [
    serial === undefined ? [] : [`serial/${sysObjectId}/${serial}`],
    chassis === undefined ? [] : [`chassis/${chassis}`],
    engine === undefined ? [] : [`engine/${engine}`],
    sysName === "" ? [] : [`name/${sysObjectId}/${sysName}`],
  ].flat();
}
