import { Command, CommanderError, InvalidArgumentError } from "commander";
import { configJsonSchema } from "../config/index.ts";
import { VERSION } from "../version.ts";
import { checkConfig } from "./check-config.ts";
import { discover, type DiscoverOptions } from "./discover.ts";
import { type OnceOptions, pollOnce } from "./once.ts";
import { checkProfiles, listProfiles, printProfileSchema, type ProfileTestOptions, testProfile } from "./profile.ts";
import { runCollector } from "./run.ts";
import { listQuarantined, replayQuarantined, type SpoolCommandOptions } from "./spool.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

/** Runs one command line (without program and script) and gives its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = OK;
  const program = new Command("collector")
    .description("Polls the devices of a site, judges what they say, and streams it to the Watchpost hub.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });

  program
    .command("run")
    .description("run until stopped; enrols first with WATCHPOST_TOKEN or tokenFile when there is no identity yet")
    .requiredOption("--config <file>", "collector.yaml")
    .option("--data-dir <dir>", "keep state here instead of dataDir of the configuration")
    .action(async (options: { config: string; dataDir?: string }) => {
      code = await runCollector(terminal, options);
    });

  program
    .command("check-config")
    .description("say whether a configuration is right, and if not where and why")
    .argument("<file>", "collector.yaml")
    .option("--json", "print {ok, problems} for a program")
    .action((file: string, options: { json?: boolean }) => {
      code = checkConfig(terminal, file, options);
    });

  program
    .command("once")
    .description("poll one device once and print what it says")
    .requiredOption("--device <name>", "name in the configuration, or address")
    .option("--config <file>", "collector.yaml with the device and its credential")
    .option("--community <text>", "ask with this SNMPv2c community, without a configuration")
    .option("--port <number>", "UDP port of the agent", integer(1, 65_535))
    .option("--timeout-ms <number>", "time for one try", integer(100, 30_000))
    .option("--retries <number>", "tries after the first", integer(0, 5))
    .option("--json", "print the reading and its samples for a program")
    .option("--explain", "say how it was asked, and what to try next")
    .action(async (options: OnceOptions) => {
      code = await pollOnce(terminal, options);
    });

  addDiscover(program, async (options) => {
    code = await discover(terminal, options);
  });

  addProfile(program, terminal, (result) => {
    code = result;
  });

  addSpool(program, terminal, (result) => {
    code = result;
  });

  program
    .command("schema")
    .description("print the JSON Schema of collector.yaml")
    .action(() => terminal.out(configJsonSchema().trimEnd()));

  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    terminal.err(error instanceof Error ? error.message : String(error));
    return FAILED;
  }
}

function addDiscover(program: Command, action: (options: DiscoverOptions) => Promise<void>): void {
  program
    .command("discover")
    .description("scan ranges for devices, ask who they are and how they are cabled, and print it")
    .requiredOption("--cidr <range...>", "CIDR, first-last or one address; within discover.allow where that is set")
    .option("--config <file>", "collector.yaml with the credentials to try")
    .option("--community <text>", "try this SNMPv2c community, without a configuration")
    .option("--port <number>", "UDP port of the agents", integer(1, 65_535))
    .option("--packets-per-second <number>", "pace of the scan", integer(1, 10_000))
    .option("--timeout-ms <number>", "time for one try", integer(100, 10_000))
    .option("--json", "print {state, progress, devices, hosts, links} for a program")
    .action(action);
}

function addSpool(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const spool = program
    .command("spool")
    .description("samples that the metrics store rejected, while the collector is stopped");
  spool
    .command("list")
    .description("what is put aside, and why")
    .requiredOption("--config <file>", "collector.yaml")
    .option("--data-dir <dir>", "where the state is, instead of dataDir of the configuration")
    .option("--json", "print {blocks: [{id, samples, fromMs, toMs, bytes, reason}]} for a program")
    .action(async (options: SpoolCommandOptions) => done(await listQuarantined(terminal, options)));
  spool
    .command("replay")
    .description("put it back in line, to be sent once more when the collector runs")
    .argument(
      "[block...]",
      "numbers that list shows; all when none is given",
      (text: string, before: number[]) => [...before, integer(1, Number.MAX_SAFE_INTEGER)(text)],
      [],
    )
    .requiredOption("--config <file>", "collector.yaml")
    .option("--data-dir <dir>", "where the state is, instead of dataDir of the configuration")
    .option("--json", "print {replayed} for a program")
    .action(async (ids: number[], options: SpoolCommandOptions) =>
      done(await replayQuarantined(terminal, ids, options)),
    );
}

function addProfile(program: Command, terminal: Terminal, done: (code: number) => void): void {
  const profile = program.command("profile").description("what devices are asked and what their answers mean");
  profile
    .command("test")
    .description("read a recording (OID|type|value a line) as a poll reads the device, and print what it says")
    .argument("<file>", "recording.snmprec")
    .option(
      "--json",
      "print {profile, vendor, os, model, version, serial, interfaces, sensors, links, ...} for a program",
    )
    .option("--folder <dir>", "with the profiles of this folder over the built-in ones")
    .action(async (file: string, options: ProfileTestOptions) => done(await testProfile(terminal, file, options)));
  profile
    .command("check")
    .description("say whether profiles of a site are right, and if not in which line and why")
    .argument("<file...>", "profile.yaml")
    .option("--json", "print {ok, profiles, problems} for a program")
    .action((files: string[], options: { json?: boolean }) => done(checkProfiles(terminal, files, options)));
  profile
    .command("list")
    .description("every profile, whose devices it is for, and how much it reads")
    .option("--json", "print a list for a program")
    .option("--folder <dir>", "with the profiles of this folder over the built-in ones")
    .action((options: ProfileTestOptions) => done(listProfiles(terminal, options)));
  profile
    .command("schema")
    .description("print the JSON Schema of a profile")
    .action(() => done(printProfileSchema(terminal)));
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`give a whole number from ${min} to ${max}.`);
  };
}
