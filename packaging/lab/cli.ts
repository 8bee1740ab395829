#!/usr/bin/env bun
import { Command, CommanderError } from "commander";
import { addFaultCommands } from "./cli/fault.ts";
import type { DataOption } from "./cli/option.ts";
import { addRunCommands } from "./cli/run.ts";
import { addServeCommand } from "./cli/serve.ts";
import { LabControlError } from "./control/index.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** What the caller named is not there: a mistake in the command, not a failure of the lab. */
const USAGE_CODES = new Set(["unknown-fault", "unknown-device", "unknown-interface", "not-applicable", "bad-request"]);

const program = new Command("lab")
  .description("a simulated site: SNMP agents on loopback, faults by name, recordings")
  .option("--data <dir>", "data folder of the installation", ".watchpost")
  .exitOverride();
const data = () => program.opts<DataOption>();
addFaultCommands(program, data);
addRunCommands(program, data);
addServeCommand(program);

try {
  await program.parseAsync();
  process.exit(0);
} catch (error) {
  process.exit(exitCodeOf(error));
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof LabControlError && USAGE_CODES.has(error.code) ? EXIT_USAGE : EXIT_FAILED;
}
