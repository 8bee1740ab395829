import { z } from "zod";

const oidText = z
  .string()
  .regex(/^[0-2](\.\d{1,10}){1,127}$/, "an object identifier in numbers, such as 1.3.6.1.2.1.1.3")
  .describe("A scalar without its final .0, or a table column without its row index.");
const metricName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, "a metric name such as cpu_usage_ratio");
const shortText = z.string().min(1).max(200);
const scale = z.number().default(1).describe("The value read is multiplied by this.");
const offset = z.number().default(0).describe("Added after scaling.");

/** Text between two literals: no regular expression, so no text from a device can make it slow. */
const cut = z
  .strictObject({
    after: z.string().max(100).default(""),
    before: z.string().max(100).default(""),
    word: z.int().min(1).max(100).optional().describe("Of what is left, the word of this number, from 1."),
  })
  .describe("The part of the text between two literals, either of which may be left out.");

const textSource = z.union([
  z.strictObject({ text: shortText }),
  z.strictObject({ scalar: oidText, cut: cut.optional() }),
  z.strictObject({
    column: oidText,
    where: z.strictObject({ column: oidText, equals: z.int() }).optional(),
    cut: cut.optional(),
  }),
]);
const textSources = z.array(textSource).max(16).describe("Tried in order; the first that is not empty counts.");

const rowName = z
  .strictObject({ column: oidText.optional(), text: shortText.default("{index}") })
  .describe("A column, or where that is empty a text in which {index} is the row index.");

const states = z.strictObject({
  column: oidText,
  ok: z.array(z.int()).max(32),
  warning: z.array(z.int()).max(32).default([]),
  failed: z.array(z.int()).max(32).default([]),
  absent: z.array(z.int()).max(32).default([]).describe("Rows in these states are left out."),
});

export const SENSOR_CLASSES = [
  "temperature",
  "fan",
  "power-supply",
  "battery",
  "voltage",
  "current",
  "load",
  "other",
] as const;

const sensorTable = z.strictObject({
  class: z.enum(SENSOR_CLASSES),
  name: rowName,
  value: z.strictObject({ column: oidText, scale, offset }).optional(),
  unit: z.string().max(40).default(""),
  state: states.optional(),
});

const interfaces = z.strictObject({
  name: oidText,
  description: oidText,
  alias: oidText,
  type: oidText,
  mac: oidText,
  speed: oidText.describe("Bits per second."),
  highSpeed: oidText.describe("Millions of bits per second."),
  adminStatus: oidText,
  operStatus: oidText,
  discontinuity: oidText,
  counters: z.record(metricName, z.strictObject({ wide: oidText.optional(), narrow: oidText.optional() })),
});

const storages = z.strictObject({
  name: oidText,
  type: oidText,
  unitBytes: oidText,
  size: oidText,
  used: oidText,
  memoryTypes: z.array(oidText).max(32),
  diskTypes: z.array(oidText).max(32),
});

const memory = z.strictObject({ name: shortText, size: oidText, free: oidText, unitBytes: z.int().min(1) });

const processor = z.strictObject({
  column: oidText.optional(),
  scalar: oidText.optional(),
  name: shortText.default("{index}"),
  scale,
  offset,
});

const entitySensors = z.strictObject({
  name: oidText,
  type: oidText,
  scale: oidText,
  precision: oidText,
  value: oidText,
  status: oidText,
});

const lldp = z.strictObject({
  localPortId: oidText,
  localPortDescription: oidText,
  remoteSystem: oidText,
  remotePortId: oidText,
  remotePortDescription: oidText,
});

const metric = z.strictObject({
  name: metricName,
  scalar: oidText.optional(),
  column: oidText.optional(),
  labels: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), rowName).default({}),
  scale,
  offset,
});

/** One profile as written in YAML. Lists add to those of the profile it extends; single parts replace them. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower case letters, digits and dashes"),
  extends: z.string().optional(),
  match: z
    .strictObject({
      objectIds: z.array(oidText).max(500).default([]).describe("sysObjectID begins with one of these."),
      descriptions: z.array(shortText).max(100).default([]).describe("sysDescr contains one of these, case ignored."),
    })
    .prefault({}),
  identity: z
    .strictObject({ vendor: textSources, model: textSources, version: textSources, serial: textSources })
    .partial()
    .default({}),
  interfaces: interfaces.optional(),
  storages: storages.optional(),
  entitySensors: entitySensors.optional(),
  lldp: lldp.optional(),
  processors: z.array(processor).max(64).default([]),
  memory: z.array(memory).max(16).default([]),
  sensors: z.array(sensorTable).max(128).default([]),
  metrics: z.array(metric).max(256).default([]),
});

export type Profile = z.output<typeof profileSchema>;
export type TextSource = z.output<typeof textSource>;
export type SensorTable = z.output<typeof sensorTable>;
export type RowName = z.output<typeof rowName>;

/** For editors and for whoever checks a profile without us. */
export function profileJsonSchema(): object {
  return z.toJSONSchema(profileSchema, { io: "input" });
}
