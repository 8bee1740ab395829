import { z } from "zod";
import { isQuickPattern } from "./pattern.ts";

const oidText = z
  .string()
  .regex(/^[0-2](\.\d{1,10}){1,127}$/, "an object identifier in numbers, such as 1.3.6.1.2.1.1.3")
  .describe("A scalar without its final .0, or a table column without its row index.");
const metricName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, "a metric name such as cpu_usage_ratio");
const shortText = z.string().min(1).max(200);
const codes = z.array(z.int()).max(64);
const scale = z.number().default(1).describe("The value read is multiplied by this.");
const offset = z.number().default(0).describe("Added after scaling.");

const pattern = z
  .string()
  .max(200)
  .refine(isQuickPattern, {
    error: "a regular expression with a group, at most 4 of * + {}, none of them on a group, no look-around or \\1",
  })
  .describe("A regular expression, case ignored: what its first group that took part holds is the text.");
const values = z.record(z.string().max(20), shortText).describe("What is read, and the text that it stands for.");

const textSource = z.union([
  z.strictObject({ text: shortText }),
  z
    .strictObject({ description: pattern, as: shortText.optional() })
    .describe("Taken out of sysDescr, or said in words of ours where the pattern fits."),
  z
    .strictObject({ from: z.enum(["models", "enterprise"]) })
    .describe("What `models` says of sysObjectID, or whose enterprise number it has."),
  z.strictObject({ scalar: oidText, pattern: pattern.optional(), values: values.optional() }),
  z.strictObject({
    column: oidText,
    where: z
      .union([
        z.strictObject({ column: oidText, equals: z.int() }),
        z.strictObject({ column: oidText, missing: z.literal(true).describe("Rows that have no such column.") }),
        z.strictObject({ column: oidText, is: shortText.describe("The text of it, an object identifier too.") }),
      ])
      .optional(),
    pattern: pattern.optional(),
    values: values.optional(),
  }),
]);
const textSources = z.array(textSource).max(24).describe("Tried in order; the first that says something counts.");

const rowName = z
  .strictObject({
    column: oidText.optional(),
    before: z.string().max(40).optional().describe("Said before what the column holds."),
    text: shortText.default("{index}"),
  })
  .describe("A column, or where that is empty a text in which {index} is the row index and {last} its last number.");

/** Where numbers are: one of a kind, or a row each. */
const place = { column: oidText.optional(), scalar: oidText.optional() };

const stateCodes = z
  .array(z.union([z.int(), shortText]))
  .max(64)
  .describe("Numbers, or words whatever their case.");
const states = z.strictObject({
  ...place,
  ok: stateCodes,
  warning: stateCodes.default([]),
  failed: stateCodes.default([]),
  absent: stateCodes.default([]).describe("Rows in these states are left out."),
});

const limit = z.number().optional();
const limits = z
  .strictObject({ warningAbove: limit, failedAbove: limit, warningBelow: limit, failedBelow: limit })
  .describe("In the unit of the sensor; they count where no state is read.");

export const SENSOR_CLASSES = [
  "temperature",
  "humidity",
  "fan",
  "power-supply",
  "battery",
  "voltage",
  "current",
  "power",
  "frequency",
  "optical-power",
  "load",
  "other",
] as const;

const sensorTable = z.strictObject({
  class: z.enum(SENSOR_CLASSES),
  name: rowName,
  value: z
    .strictObject({ ...place, scale, offset, absent: codes.default([]).describe("Raw values that mean none.") })
    .optional(),
  unit: z.string().max(40).default(""),
  state: states.optional(),
  limits: limits.optional(),
  where: z
    .union([
      z.strictObject({ column: oidText, in: codes }).describe("Only rows with one of these numbers."),
      z
        .strictObject({ column: oidText, matches: pattern })
        .describe("Only rows whose text fits, and which no table before this one took in this way."),
    ])
    .optional(),
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

const pool = z
  .strictObject({
    kind: z.enum(["memory", "disk", "other"]).default("memory"),
    name: rowName,
    rows: z.boolean().default(false).describe("The numbers are columns of a table."),
    size: oidText.optional(),
    used: oidText.optional(),
    free: oidText.optional(),
    usedPercent: oidText.optional(),
    unitBytes: z.number().positive().default(1),
  })
  .describe("Memory or disk, by two of its size, what is used and what is free.");

const present = oidText
  .optional()
  .describe("Only rows in which this column is above zero: the parts that have such a thing.");

const processor = z.strictObject({ ...place, name: rowName.prefault({}), present, scale, offset });

const entitySensors = z.strictObject({
  name: oidText,
  description: oidText.optional().describe("What a row without a name is called."),
  type: oidText,
  scale: oidText,
  precision: oidText,
  value: oidText,
  status: oidText,
});

const lldp = z.strictObject({
  localPortId: oidText,
  localPortDescription: oidText,
  remoteChassisId: oidText,
  remoteSystem: oidText,
  remotePortId: oidText,
  remotePortDescription: oidText,
});
const cdp = z
  .strictObject({ remoteSystem: oidText, remotePort: oidText })
  .describe("Columns whose row index begins with ifIndex.");

export const NEIGHBOUR_PROTOCOLS = ["fdp", "mndp"] as const;
const neighbours = z
  .strictObject({
    protocol: z.enum(NEIGHBOUR_PROTOCOLS),
    remoteSystem: oidText,
    remotePort: oidText.optional(),
    interface: oidText.optional().describe("ifIndex of the own port; without it the row index begins with it."),
  })
  .describe("Whom a vendor's own protocol heard.");

const addresses = z
  .strictObject({ interface: oidText, anyInterface: oidText })
  .describe("ifIndex by IPv4 address, and by address of any kind.");

const metric = z.strictObject({
  name: metricName,
  ...place,
  labels: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), rowName).default({}),
  present,
  scale,
  offset,
});

const match = z.strictObject({
  objectIds: z.array(oidText).max(500).default([]).describe("sysObjectID begins with one of these."),
  descriptions: z.array(shortText).max(100).default([]).describe("sysDescr contains one of these, case ignored."),
  answers: z
    .array(oidText)
    .max(8)
    .default([])
    .describe("The device answers one of these scalars; asked where sysObjectID does not tell."),
});

/** One profile as written in YAML. Lists add to those of the profiles it extends; single parts replace them. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower case letters, digits and dashes"),
  extends: z
    .union([z.string(), z.array(z.string()).max(16)])
    .default([])
    .transform((parents) => (typeof parents === "string" ? [parents] : parents)),
  match: match.prefault({}),
  isAgent: z
    .boolean()
    .default(false)
    .describe("Its sysObjectID names the agent's software: what sysDescr or `answers` say of the device goes before."),
  models: z
    .record(oidText, shortText)
    .default({})
    .describe("What devices are called, by their sysObjectID; this also matches them."),
  identity: z
    .strictObject({
      vendor: textSources,
      model: textSources,
      os: textSources,
      version: textSources,
      serial: textSources,
    })
    .partial()
    .default({}),
  interfaces: interfaces.optional(),
  storages: storages.optional(),
  entitySensors: z.array(entitySensors).max(4).default([]).describe("The first that has a row gives its sensor."),
  lldp: lldp.optional(),
  lldpV2: lldp.optional().describe("The same of IEEE 802.1AB-2009, whose ports are numbered as interfaces are."),
  cdp: cdp.optional(),
  neighbours: z.array(neighbours).max(4).default([]),
  addresses: addresses.optional(),
  processors: z.array(processor).max(64).default([]).describe("The first that the device has counts."),
  pools: z.array(pool).max(32).default([]),
  sensors: z.array(sensorTable).max(128).default([]),
  metrics: z.array(metric).max(256).default([]),
});

export type Profile = z.output<typeof profileSchema>;
export type Identity = Profile["identity"];
export type TextSource = z.output<typeof textSource>;
export type SensorTable = z.output<typeof sensorTable>;
export type RowName = z.output<typeof rowName>;

/** For editors and for whoever checks a profile without us. */
export function profileJsonSchema(): object {
  return z.toJSONSchema(profileSchema, { io: "input" });
}
