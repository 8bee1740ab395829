import type { SnmpEngine, Target } from "../device/snmp/index.ts";
import { type Answered, newDeviceState, pollDevice } from "../poll/index.ts";
import type { ProfileLibrary } from "../profile/index.ts";
import type { Examined, Identity, Port } from "./found.ts";
import { addressesOf, bounded, chassisOf, descriptionsOf, heardOf, learnedOf, resolvedOf } from "./read-tables.ts";
import { TABLE_WALK, Tables } from "./tables.ts";

const BUDGET_MS = 30_000;
const ENGINE_ID_BYTES_MAX = 64;
const PORTS_MAX = 10_000;

export interface Examining {
  engine: SnmpEngine;
  library: ProfileLibrary;
}

/** Polls a device that answered once, as it will be polled later, and reads who it is to others; undefined when it fell silent. */
export async function examine({ engine, library }: Examining, target: Target): Promise<Examined | undefined> {
  const reading = await pollDevice({ engine, library, target, state: newDeviceState(), budgetMs: BUDGET_MS });
  if (reading.kind !== "answered") return undefined;
  const deadlineMs = engine.clock.monotonicMs() + BUDGET_MS;
  const walked = await engine.walkColumns(target, { ...TABLE_WALK, deadlineMs });
  if (walked.kind === "closed") return undefined;
  const found = fromReading(reading, target);
  if (walked.kind !== "ok") return { ...found, incomplete: walked.message };
  const tables = new Tables(walked.cells);
  const descriptions = descriptionsOf(tables);
  const ports = found.ports.map((port) => ({ ...port, description: descriptions.get(port.index) ?? "" }));
  const engineId = tables.scalar("engineId")?.bytes.subarray(0, ENGINE_ID_BYTES_MAX) ?? [];
  return {
    ...found,
    identity: { ...found.identity, engineId: Buffer.from(engineId).toString("hex"), chassisId: chassisOf(tables) },
    ports,
    addresses: addressesOf(tables),
    heard: heardOf(tables, ports),
    learned: learnedOf(tables, ports),
    resolved: resolvedOf(tables),
    incomplete: reading.incomplete ?? walked.cutShort,
  };
}

/** What the poll alone says. */
function fromReading(reading: Answered, target: Target): Examined {
  const { address, port, credential } = target;
  return {
    address,
    port,
    credential: credential.name,
    identity: identityOf(reading),
    ports: reading.interfaces.slice(0, PORTS_MAX).map(
      ({ index, name, alias, mac }): Port => ({
        index,
        name: bounded(name),
        alias: bounded(alias),
        mac: /[1-9a-f]/.test(mac) ? mac : "",
        description: "",
      }),
    ),
    addresses: [],
    heard: [],
    learned: [],
    resolved: [],
    openPorts: [],
    incomplete: reading.incomplete ?? "",
  };
}

function identityOf({ system, profile, takenAtMs }: Answered): Identity {
  return {
    sysName: bounded(system.name),
    sysDescr: bounded(system.description),
    sysObjectId: bounded(system.objectId),
    vendor: bounded(system.vendor),
    model: bounded(system.model),
    osVersion: bounded(system.osVersion),
    serial: bounded(system.serial),
    engineId: "",
    chassisId: "",
    profile: profile ?? "",
    startedAtMs: system.uptimeTicks > 0 ? takenAtMs - system.uptimeTicks * 10 : undefined,
  };
}
