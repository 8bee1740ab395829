import { Severity } from "@watchpost/proto";
import { SEVERITY_OF } from "../rule/index.ts";
import { EMBEDDED_BINDINGS, EMBEDDED_TRAPS } from "./embedded.ts";

/** What is known of a kind of trap. */
export interface TrapName {
  name: string;
  severity: Severity;
  /** What it speaks of is polled, so the device is asked at once. */
  asksPoll: boolean;
  meaning: string;
}

export interface BindingName {
  name: string;
  /** Its row says what the trap is about: a neighbour, a sensor. */
  identifies: boolean;
  values: ReadonlyMap<string, string>;
}

const TRAP_LINE = /^([\d.]+) +(\w+) +(info|warning|error|critical) +(poll|-)(?: +(.+))?$/;
const BINDING_LINE = /^([\d.]+) +(\w+)(\*?)(?: +((?:\d+=[\w-]+ ?)+))?$/;

const traps = new Map<string, TrapName>();
const bindings = new Map<string, BindingName>();
for (const [file, text] of Object.entries(EMBEDDED_TRAPS)) for (const line of linesOf(text)) addTrap(file, line);
for (const line of linesOf(EMBEDDED_BINDINGS)) addBinding(line);

/** SNMPv1 puts a 0 before the specific number that SNMPv2 definitions do not always have: both forms are one trap. */
export function trapNameOf(oid: string): TrapName | undefined {
  const known = traps.get(oid);
  if (known) return known;
  const last = oid.lastIndexOf(".");
  const head = oid.slice(0, last);
  const tail = oid.slice(last + 1);
  return traps.get(head.endsWith(".0") ? `${head.slice(0, -2)}.${tail}` : `${head}.0.${tail}`);
}

/** The name of an instance's column, by the longest known prefix, and what follows it. */
export function bindingNameOf(oid: string): { known: BindingName; instance: string } | undefined {
  for (let end = oid.length; end > 0; end = oid.lastIndexOf(".", end - 1)) {
    const known = bindings.get(oid.slice(0, end));
    if (known) return { known, instance: oid.slice(end + 1) };
  }
  return undefined;
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function addTrap(file: string, line: string): void {
  const [, oid, name, severity, poll, meaning] = TRAP_LINE.exec(line) ?? [];
  if (!oid || !name || !severity || traps.has(oid))
    throw new Error(`${file}: "${line}" is not a new trap: OID name severity poll|- meaning`);
  traps.set(oid, {
    name,
    severity: SEVERITY_OF[severity as keyof typeof SEVERITY_OF],
    asksPoll: poll === "poll",
    meaning: meaning ?? wordsOf(name),
  });
}

function addBinding(line: string): void {
  const [, oid, name, star, values = ""] = BINDING_LINE.exec(line) ?? [];
  if (!oid || !name || bindings.has(oid)) throw new Error(`bindings: "${line}" is not a new one: OID name[*] 1=word …`);
  const pairs = values.split(" ").filter((pair) => pair !== "");
  const named = pairs.map((pair) => pair.split("=") as [string, string]);
  bindings.set(oid, { name, identifies: star === "*", values: new Map(named) });
}

/** bigipNodeDown: "bigip node down". */
function wordsOf(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
}
