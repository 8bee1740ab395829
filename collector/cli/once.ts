import { randomInt } from "node:crypto";
import { isIP } from "node:net";
import { type CollectorConfig, type Credential, type DeviceConfig, loadConfig } from "../config/index.ts";
import { createSnmpEngine, type Target } from "../device/snmp/index.ts";
import { newDeviceState, pollDevice, type Reading } from "../poll/index.ts";
import { newSampleState, type SampleBatch, SeriesTable, samplesOf } from "../sample/index.ts";
import { deviceFacts } from "./device-facts.ts";
import { explainReading } from "./explain-reading.ts";
import { libraryWith } from "./profile.ts";
import { printReading } from "./print-reading.ts";
import { sayBadConfig } from "./run.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

export interface OnceOptions {
  device: string;
  config?: string;
  community?: string;
  port?: number;
  timeoutMs?: number;
  retries?: number;
  json?: boolean;
  explain?: boolean;
}

const POLL_BUDGET_MS = 60_000;
const DEFAULTS = { timeoutMs: 2_000, retries: 2, port: 161 };

type Chosen = { kind: "target"; target: Target; profiles?: string | undefined } | { kind: "refused"; code: number };

/** Polls one device once, by its name in the configuration or by address, and prints what it says. */
export async function pollOnce(terminal: Terminal, options: OnceOptions): Promise<number> {
  const chosen = choose(terminal, options);
  if (chosen.kind === "refused") return chosen.code;
  const { target } = chosen;
  const library = libraryWith(terminal, chosen.profiles);
  const engine = createSnmpEngine({ random: () => randomInt(2 ** 32) });
  try {
    const state = newDeviceState();
    const reading = await pollDevice({ engine, library, target, state, budgetMs: POLL_BUDGET_MS });
    if (reading.kind === "cancelled") throw new Error(`the poll of ${target.name} was cancelled`);
    const numbers = samplesOf(reading, new SeriesTable(), newSampleState());
    if (options.json) terminal.out(jsonOf(reading, numbers, target));
    else printReading(terminal, reading, numbers);
    if (options.explain) explainReading(terminal, { reading, target, profile: state.profile?.name ?? "none" });
    return reading.kind === "answered" ? OK : FAILED;
  } finally {
    engine.close();
  }
}

function choose(terminal: Terminal, options: OnceOptions): Chosen {
  if (options.config !== undefined) {
    const loaded = loadConfig(options.config, terminal.env);
    if (loaded.kind !== "ok") return { kind: "refused", code: sayBadConfig(terminal, loaded) };
    return fromConfig(terminal, options, loaded.config);
  }
  if (options.community === undefined) {
    terminal.err("say how to ask: --config FILE with the device in it, or --community C with --device ADDRESS");
    return { kind: "refused", code: USAGE };
  }
  if (isIP(options.device) === 0) {
    terminal.err(`--device ${options.device} is no IP address; names need --config FILE`);
    return { kind: "refused", code: USAGE };
  }
  const credential: Credential = { name: "command-line", version: "v2c", community: options.community };
  const { device: name, port = DEFAULTS.port } = options;
  const { timeoutMs = DEFAULTS.timeoutMs, retries = DEFAULTS.retries } = options;
  return { kind: "target", target: { name, address: name, port, credential, timeoutMs, retries } };
}

function fromConfig(terminal: Terminal, options: OnceOptions, config: CollectorConfig): Chosen {
  const device = config.devices.find((d) => d.name === options.device) ?? byAddress(config.devices, options);
  const credential = config.credentials.find((c) => c.name === device?.credential);
  if (!device || !credential) {
    const names = config.devices.slice(0, 20).map((d) => d.name);
    terminal.err(`no device ${options.device} in ${options.config}; it has ${names.join(", ") || "none"}`);
    return { kind: "refused", code: USAGE };
  }
  const { name, address } = device;
  const { timeoutMs = config.poll.timeoutMs, retries = config.poll.retries, port = device.port } = options;
  const target = { name, address, port, credential, timeoutMs, retries };
  return { kind: "target", target, profiles: config.profiles.folder };
}

function byAddress(devices: readonly DeviceConfig[], { device, port }: OnceOptions): DeviceConfig | undefined {
  return devices.find((d) => d.address === device && (port === undefined || d.port === port));
}

/** The reading and its numbers; 64-bit counters as text, since JSON numbers lose them. */
function jsonOf(reading: Reading, numbers: SampleBatch, { name, address, port }: Target): string {
  const samples = [...numbers.series].map(({ name, labels }, i) => ({ name, labels, value: numbers.values[i] }));
  const facts = reading.kind === "answered" ? deviceFacts(reading) : {};
  return JSON.stringify({ ...facts, target: { name, address, port }, reading, samples }, (key, value: unknown) =>
    typeof value === "bigint" || key === "raw" ? String(value) : value,
  );
}
