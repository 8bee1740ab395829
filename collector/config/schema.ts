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

const listenAddress = z
  .union([z.ipv4(), z.ipv6()])
  .default("0.0.0.0")
  .describe("Address to listen on; :: for both families.");
const perSourcePerSecondMax = z.int().min(1).max(100_000);
const secretText = z.string().min(1).max(4_096);
const logSeverity = z.enum(["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"]);

const traps = z
  .strictObject({
    address: listenAddress,
    port: z.int().min(0).max(65_535).describe("162 needs root or CAP_NET_BIND_SERVICE; 0 takes a free one."),
    perSourcePerSecondMax: perSourcePerSecondMax.default(500),
  })
  .describe("SNMP traps and informs, of the communities and users in credentials. Off when not given.");

const syslog = z
  .strictObject({
    address: listenAddress,
    udpPort: z.int().min(0).max(65_535).optional(),
    tcpPort: z.int().min(0).max(65_535).optional(),
    tls: z
      .strictObject({
        port: z.int().min(0).max(65_535),
        certificateFile: z.string().min(1),
        keyFile: z.string().min(1),
        clientCaFile: z.string().min(1).optional().describe("Only senders with a certificate of this authority."),
      })
      .optional(),
    level: logSeverity.default("warning").describe("Messages at least this severe become events; the rest is counted."),
    messageBytesMax: z.int().min(480).max(65_507).default(8_192),
    connectionsMax: z.int().min(1).max(10_000).default(200),
    idleMs: z.int().min(1_000).max(86_400_000).default(600_000),
    perSourcePerSecondMax: perSourcePerSecondMax.default(500),
  })
  .refine((s) => s.udpPort !== undefined || s.tcpPort !== undefined || s.tls, "give udpPort, tcpPort or tls")
  .describe("Syslog of devices. Off when not given.");

const ping = z
  .strictObject({
    enabled: z.boolean().default(true),
    intervalMs: z.int().min(5_000).max(3_600_000).default(60_000),
    timeoutMs: z.int().min(50).max(5_000).default(1_000),
    count: z.int().min(1).max(10).default(3).describe("Echo requests a round."),
    loopback: z.boolean().default(false).describe("Also ask on loopback, where this machine answers for itself."),
  })
  .prefault({})
  .describe("ICMP round trip and loss of every device.");

const labelName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "a label name such as instance");
const metricPattern = z.string().min(1).max(500).refine(isPattern, "a regular expression");

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, "u").source !== "";
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const scrape = z
  .strictObject({
    job: name,
    url: z.url({ protocol: /^https?$/ }),
    instance: z.string().min(1).max(200).optional().describe("host:port of the URL when not given."),
    device: name.optional().describe("Device that the numbers belong to."),
    intervalMs: z.int().min(1_000).max(3_600_000).default(60_000),
    timeoutMs: z.int().min(100).max(120_000).default(10_000),
    bearerToken: secretText.optional(),
    username: z.string().min(1).max(200).optional(),
    password: secretText.optional(),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe("Authority of the endpoint's certificate; the system's when not given."),
    bodyBytesMax: z.int().min(1_024).max(268_435_456).default(16_777_216),
    samplesMax: z.int().min(1).max(500_000).default(50_000),
    labelsMax: z.int().min(1).max(13).default(13),
    keep: z
      .array(metricPattern)
      .max(50)
      .default([])
      .describe("Names to keep, as whole regular expressions; empty: all."),
    drop: z.array(metricPattern).max(50).default([]),
    dropLabels: z.array(labelName).max(50).default([]),
    renameLabels: z.record(labelName, labelName).default({}),
  })
  .describe("A Prometheus or OpenMetrics endpoint at the site.");
export type ScrapeConfig = z.output<typeof scrape>;

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
      resendWindowMs: z
        .int()
        .min(1_000)
        .max(3_600_000)
        .default(300_000)
        .describe("How long what was sent is kept, to be sent once more to a store that crashed."),
      proxy: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe(
          "HTTP proxy on the way to the store or the hub's gateway; HTTPS_PROXY and HTTP_PROXY when not given.",
        ),
      bearerTokenFile: z.string().min(1).optional().describe("Token for a direct store, read anew for each request."),
      username: z.string().min(1).max(200).optional().describe("Basic authentication at a direct store."),
      passwordFile: z.string().min(1).optional(),
      caFile: z.string().min(1).optional().describe("Authority of a direct store; the system's when not given."),
      certificateFile: z.string().min(1).optional().describe("Certificate to show to a direct store."),
      keyFile: z.string().min(1).optional(),
    })
    .refine(
      (r) => r.bearerTokenFile === undefined || r.username === undefined,
      "give bearerTokenFile or username, not both",
    )
    .refine(
      (r) => (r.certificateFile === undefined) === (r.keyFile === undefined),
      "give certificateFile and keyFile together",
    )
    .prefault({}),
  spool: z
    .strictObject({
      samplesBytesMax: z.int().min(1_048_576).default(4_294_967_296),
      freeBytesMin: z
        .int()
        .min(0)
        .default(536_870_912)
        .describe("Samples leave this much of the disk to others, or a tenth of it when that is less."),
      eventsBytesMax: z.int().min(1_048_576).default(268_435_456),
    })
    .prefault({}),
  traps: traps.optional(),
  syslog: syslog.optional(),
  ping,
  scrape: z.array(scrape).max(1_000).default([]),
  scripts: z
    .strictObject({
      enabled: z.boolean().default(false),
      allow: z.array(name).max(500).default([]).describe("Names of scripts that may run here. Empty: none."),
    })
    .prefault({}),
  discover: z
    .strictObject({
      allow: z
        .array(z.union([z.cidrv4(), z.cidrv6()]))
        .max(64)
        .default([])
        .describe("CIDRs that scans may touch, the hub's too. Empty: the hub cannot have anything scanned."),
      snmpPorts: z.array(port).min(1).max(8).default([161]),
      tcpPorts: z.array(port).max(16).default([22, 80, 443]).describe("Tried at every address. Empty: none."),
      ping: z.boolean().default(true).describe("Also ask every IPv4 address for an echo."),
      packetsPerSecond: z
        .int()
        .min(1)
        .max(10_000)
        .default(200)
        .describe("SNMP datagrams, TCP attempts and echoes together."),
      inFlightMax: z.int().min(1).max(1_000).default(64).describe("Addresses asked at one time."),
      timeoutMs: z.int().min(100).max(10_000).default(1_000).describe("Time for one try."),
      retries: z.int().min(0).max(3).default(1),
    })
    .prefault({})
    .describe("Finding devices: `collector discover`, and scans ordered at the hub."),
  profiles: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Profiles of this site (*.yaml): each adds a kind of device, or replaces the built-in one of its name.",
        ),
    })
    .prefault({})
    .describe("Kinds of device besides the built-in ones; `collector profile check` says whether they are right."),
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
