#!/usr/bin/env bun
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { stopSharedServers } from "../parts/shared.ts";
import { clockScenario } from "./clock.ts";
import { damageScenario } from "./damage.ts";
import { diskFullScenario } from "./disk-full.ts";
import { killScenario, VICTIMS, type Victim } from "./kill.ts";
import { canDropPackets, INSIDE, inOwnNetwork, outageScenario } from "./outage.ts";
import { conclude, type Report } from "./report.ts";
import { rollbackScenario } from "./rollback.ts";
import { simScenario } from "./sim/index.ts";
import { stallScenario } from "./stall.ts";
import { stormScenario } from "./storm.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

let code = 0;
const program = new Command("scenario")
  .description("proof that nothing acknowledged is lost")
  .option("--json <file>", "write the figures for a program")
  .exitOverride();

function add(name: string, description: string): Command {
  return program.command(name).description(description).option("--json <file>", "write the figures for a program");
}

async function run(json: string | undefined, scenario: () => Promise<Report>): Promise<void> {
  code = conclude(await scenario(), json ?? program.opts<{ json?: string }>().json);
}

add("sim", "collector, hub, disk, network and clocks in virtual time, from seeds")
  .option("--seeds <number>", "how many", whole(1, 1_000_000), 200)
  .option("--from <seed>", "the first", whole(0, 2 ** 32 - 1), 1)
  .action((o: { seeds: number; from: number; json?: string }) => run(o.json, () => simScenario(o)));

add("kill", "SIGKILL of real processes under load")
  .option("--rounds <number>", "how many", whole(1, 10_000), 20)
  .option("--seed <number>", "when to kill", whole(0, 2 ** 32 - 1), 1)
  .addOption(new Option("--victim <which>", "what is killed").choices(VICTIMS).default("collector"))
  .action((o: { rounds: number; seed: number; victim: Victim; json?: string }) => run(o.json, () => killScenario(o)));

const seed = new Option("--seed <number>", "shape of the site").argParser(whole(0, 2 ** 32 - 1)).default(1);

add("outage", "the hub cannot be reached, then only over a lossy network")
  .addOption(seed)
  .action(async (o: { seed: number; json?: string }) => {
    if (process.env[INSIDE] === undefined && canDropPackets()) code = await inOwnNetwork(process.argv.slice(1));
    else await run(o.json, () => outageScenario(o));
  });

add("disk-full", "a collector on a full file system of 64 MB")
  .addOption(seed)
  .action((o: { seed: number; json?: string }) => run(o.json, () => diskFullScenario(o)));

add("damage", "every bit of a stored file turned, and every cut of it").action((o: { json?: string }) =>
  run(o.json, damageScenario),
);

add("clock", "clocks that step by a day at either end")
  .addOption(seed)
  .action((o: { seed: number; json?: string }) => run(o.json, () => clockScenario(o)));

add("rollback", "pushed configurations that end, block or hold up the collector")
  .addOption(seed)
  .action((o: { seed: number; json?: string }) => run(o.json, () => rollbackScenario(o)));

add("storm", "every collector comes back in the same moment, with a backlog")
  .option("--clients <number>", "how many", whole(1, 5_000), 500)
  .addOption(seed)
  .action((o: { clients: number; seed: number; json?: string }) => run(o.json, () => stormScenario(o)));

add("stall", "Postgres stands still for ten seconds while collectors send")
  .option("--clients <number>", "how many", whole(1, 500), 50)
  .addOption(seed)
  .action((o: { clients: number; seed: number; json?: string }) => run(o.json, () => stallScenario(o)));

try {
  await program.parseAsync();
} catch (error) {
  code = exitCodeOf(error);
}
await stopSharedServers();
process.exit(code);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  console.error(`scenario: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT_FAILED;
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`give a whole number from ${min} to ${max}.`);
  };
}
