import type { Command } from "commander";
import { configSchema, type HubConfig, loadConfig, type Setting, VARIABLES } from "../config/index.ts";
import { UsageError } from "./exit.ts";

/** Flags of `hub serve`; everything else is set by environment variables. */
const FLAGS: Partial<Record<Setting, string>> = {
  dataDir: "--data <dir>",
  httpAddress: "--http-address <ip>",
  httpPort: "--http-port <n>",
  grpcAddress: "--grpc-address <ip>",
  grpcPort: "--grpc-port <n>",
  linkAddress: "--link-address <ip>",
  linkPort: "--link-port <n>",
  gatewayAddress: "--gateway-address <ip>",
  gatewayPort: "--gateway-port <n>",
  publicHost: "--public-host <name>",
  publicUrl: "--public-url <url>",
  serverNames: "--server-names <names>",
  logLevel: "--log-level <level>",
};

export function addSettings(command: Command, settings = Object.keys(FLAGS) as Setting[]): Command {
  for (const setting of settings) {
    const flag = FLAGS[setting];
    if (flag) command.option(flag, `${describe(setting)} (${VARIABLES[setting]})`);
  }
  return command;
}

/** The settings of this call, or every problem they have. */
export function settingsOf(command: Command): HubConfig {
  const options: Record<string, unknown> = command.optsWithGlobals();
  const flags: Partial<Record<Setting, unknown>> = { ...options, dataDir: options["data"] };
  const loaded = loadConfig(process.env, flags);
  if (loaded.kind === "invalid") throw new UsageError(loaded.problems.join("\n"));
  return loaded.config;
}

/** For --help: the variables that have no flag. */
export function variablesHelp(): string {
  const settings = (Object.keys(VARIABLES) as Setting[]).filter((setting) => FLAGS[setting] === undefined);
  const width = Math.max(...settings.map((setting) => VARIABLES[setting].length)) + 2;
  const lines = settings.map((setting) => `  ${VARIABLES[setting].padEnd(width)}${describe(setting)}`);
  return `\nEnvironment (a flag comes before its variable):\n${lines.join("\n")}`;
}

function describe(setting: Setting): string {
  const preset = String(DEFAULTS[setting] ?? "");
  return `${configSchema.shape[setting].description}${preset === "" ? "" : ` Default: ${preset}.`}`;
}

const DEFAULTS = configSchema.parse({});
