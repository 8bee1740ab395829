import { z } from "zod";

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "letters, digits, dot, dash and underscore, at most 63 characters");
const port = z.int().min(1).max(65_535);
const metricName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, "a metric name such as cpu_usage_ratio");

const community = z
  .strictObject({
    name,
    version: z.enum(["v1", "v2c"]),
    community: z.string().min(1).max(255),
  })
  .describe("SNMPv1 or v2c community.");

const user = z
  .strictObject({
    name,
    version: z.literal("v3"),
    user: z.string().min(1).max(32),
    authProtocol: z.enum(["none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"]).default("none"),
    authPassword: z.string().min(8).optional(),
    privProtocol: z.enum(["none", "des", "aes128", "aes192", "aes256", "aes192c", "aes256c"]).default("none"),
    privPassword: z.string().min(8).optional(),
    contextName: z.string().max(255).default(""),
  })
  .describe("SNMPv3 user. The suffix c means the Cisco (Reeder) key extension.");

const device = z.strictObject({
  name,
  address: z.union([z.ipv4(), z.ipv6()]).describe("IP address of the SNMP agent."),
  port: port.default(161),
  credential: name.describe("Name of an entry of credentials."),
  role: z
    .enum(["core", "distribution", "access", "router", "firewall", "ups", "access-point", "server", ""])
    .default(""),
  intervalMs: z.int().min(1_000).max(3_600_000).optional().describe("Overrides poll.intervalMs."),
});

const rule = z
  .strictObject({
    name,
    metric: metricName,
    above: z.number().optional(),
    below: z.number().optional(),
    clear: z.number().optional().describe("Value at which the event ends; 5 % inside the limit when not given."),
    polls: z.int().min(1).max(100).default(2).describe("Consecutive readings beyond the limit before it fires."),
    rate: z.boolean().default(false).describe("Judge the change per second of a counter instead of its value."),
    severity: z.enum(["info", "warning", "error", "critical"]).default("warning"),
  })
  .refine((r) => (r.above === undefined) !== (r.below === undefined), "give exactly one of above and below");

/** The part that the hub may push; the local file holds the same keys as a start. */
export const sitePartSchema = z.strictObject({
  poll: z
    .strictObject({
      intervalMs: z.int().min(1_000).max(3_600_000).default(60_000),
      timeoutMs: z.int().min(100).max(30_000).default(2_000),
      retries: z.int().min(0).max(5).default(2),
      inFlightMax: z.int().min(1).max(2_000).default(200).describe("Devices polled at one time."),
    })
    .prefault({}),
  devices: z.array(device).max(20_000).default([]),
  rules: z.array(rule).max(1_000).default([]),
});

/** The whole collector.yaml. Unknown keys are errors; check-config names their line. */
export const configSchema = sitePartSchema.extend({
  name: name.describe("What this collector is called at the hub; unique within its site."),
  dataDir: z.string().min(1).default("/var/lib/watchpost-collector"),
  attachedTo: name
    .optional()
    .describe("Device that the collector is plugged into; taken from the topology when not given."),
  tokenFile: z.string().optional().describe("File with the one-time token; WATCHPOST_TOKEN works too."),
  uplinkProxy: z
    .strictObject({ link: z.string(), remoteWrite: z.string(), enrollment: z.string() })
    .partial()
    .default({})
    .describe("host:port to dial instead of the addresses the hub names; certificates are still checked."),
  credentials: z
    .array(z.discriminatedUnion("version", [community, user]))
    .max(1_000)
    .default([]),
  status: z
    .strictObject({ address: z.string().default("127.0.0.1"), port: z.int().min(0).max(65_535).default(9464) })
    .prefault({}),
  remoteWrite: z
    .strictObject({
      url: z.url().optional().describe("Direct store; without it samples go through the hub's gateway."),
      timeoutMs: z.int().min(100).max(120_000).default(10_000),
    })
    .prefault({}),
  spool: z
    .strictObject({
      samplesBytesMax: z.int().min(1_048_576).default(4_294_967_296),
      eventsBytesMax: z.int().min(1_048_576).default(268_435_456),
    })
    .prefault({}),
  scripts: z
    .strictObject({
      enabled: z.boolean().default(false),
      allow: z.array(name).max(500).default([]).describe("Names of scripts that may run here. Empty: none."),
    })
    .prefault({}),
  ollama: z
    .strictObject({
      model: z.string().min(1),
      budgetMs: z.int().min(500).max(30_000).default(4_000),
      queueMax: z.int().min(1).max(1_000).default(64),
    })
    .optional()
    .describe("Local model; its address is OLLAMA_HOST. Without both, verdicts come from rules alone."),
});

export type CollectorConfig = z.output<typeof configSchema>;
export type SitePart = z.output<typeof sitePartSchema>;
export type DeviceConfig = z.output<typeof device>;
export type Credential = CollectorConfig["credentials"][number];
export type RuleConfig = z.output<typeof rule>;
