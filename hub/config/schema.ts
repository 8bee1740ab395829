import { isIP } from "node:net";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);
const address = z.string().refine((text) => isIP(text) > 0, "an IP address, such as 127.0.0.1 or 0.0.0.0");
const hostName = z
  .string()
  .refine(
    (text) => isIP(text) > 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text),
    "a host name or IP address",
  );
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));

/** Every setting of the hub, with the environment variable and the flag that carry it. */
export const configSchema = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default(".watchpost")
    .describe("Data folder: keys, and the databases the hub starts itself."),

  httpAddress: address.default("127.0.0.1").describe("Where pages and the REST API listen."),
  httpPort: port
    .optional()
    .describe("Port of pages and the REST API; 0 for any free one, without it that of last time, 8080, or a free one."),
  grpcAddress: address.default("127.0.0.1").describe("Where enrolment and the insight stream listen."),
  grpcPort: port.optional().describe("Port of enrolment and the insight stream; likewise, 8443."),
  linkAddress: address.default("127.0.0.1").describe("Where collectors connect."),
  linkPort: port.optional().describe("Port for collectors; likewise, 8444."),
  gatewayAddress: address.default("127.0.0.1").describe("Where collectors write samples."),
  gatewayPort: port.optional().describe("Port for samples; likewise, 8445."),

  publicHost: hostName.default("127.0.0.1").describe("Host name or address by which collectors reach this hub."),
  publicUrl: httpUrl.optional().describe("URL by which people reach this hub, when a proxy stands before it."),
  serverNames: z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    )
    .pipe(z.array(hostName).max(50))
    .default([])
    .describe("More names for the hub's certificates, separated by commas."),

  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("Postgres to use; without it the hub starts its own."),
  vmUrl: httpUrl.optional().describe("VictoriaMetrics to use; without it the hub starts one from PATH."),

  openaiBaseUrl: httpUrl
    .optional()
    .describe("An OpenAI-compatible endpoint for the assistant; it comes before Ollama."),
  openaiApiKey: z.string().min(1).optional().describe("Its key, where it asks for one."),
  openaiModel: z.string().min(1).optional().describe("Its model; without one it is not used."),
  ollamaHost: z.string().min(1).optional().describe("An Ollama server for the assistant."),
  ollamaModel: z.string().min(1).optional().describe("Its model; without one it is not used."),

  collectorSilentSeconds: z.coerce
    .number()
    .int()
    .min(20)
    .max(86_400)
    .default(60)
    .describe("A collector not heard for this long opens an incident."),

  keepEventsMonths: z.coerce
    .number()
    .int()
    .min(1)
    .max(120)
    .default(13)
    .describe("Months that events, evidence and diagnoses are kept; incidents stay."),
  keepLiveDays: z.coerce
    .number()
    .int()
    .min(1)
    .max(90)
    .default(7)
    .describe("Days that live messages can be asked for again."),

  logLevel: z.enum(["debug", "info", "warn", "error", "silent"]).default("info").describe("What goes to stderr."),
});

export type HubConfig = z.output<typeof configSchema>;
export type Setting = keyof HubConfig;

export const VARIABLES: Readonly<Record<Setting, string>> = {
  dataDir: "WATCHPOST_DATA",
  httpAddress: "WATCHPOST_HTTP_ADDRESS",
  httpPort: "WATCHPOST_HTTP_PORT",
  grpcAddress: "WATCHPOST_GRPC_ADDRESS",
  grpcPort: "WATCHPOST_GRPC_PORT",
  linkAddress: "WATCHPOST_LINK_ADDRESS",
  linkPort: "WATCHPOST_LINK_PORT",
  gatewayAddress: "WATCHPOST_GATEWAY_ADDRESS",
  gatewayPort: "WATCHPOST_GATEWAY_PORT",
  publicHost: "WATCHPOST_PUBLIC_HOST",
  publicUrl: "WATCHPOST_PUBLIC_URL",
  serverNames: "WATCHPOST_SERVER_NAMES",
  databaseUrl: "DATABASE_URL",
  vmUrl: "VM_URL",
  openaiBaseUrl: "OPENAI_BASE_URL",
  openaiApiKey: "OPENAI_API_KEY",
  openaiModel: "WATCHPOST_OPENAI_MODEL",
  ollamaHost: "OLLAMA_HOST",
  ollamaModel: "WATCHPOST_OLLAMA_MODEL",
  collectorSilentSeconds: "WATCHPOST_COLLECTOR_SILENT_SECONDS",
  keepEventsMonths: "WATCHPOST_KEEP_EVENTS_MONTHS",
  keepLiveDays: "WATCHPOST_KEEP_LIVE_DAYS",
  logLevel: "WATCHPOST_LOG_LEVEL",
};
