import type { Command } from "commander";
import type { ActiveFault } from "../index.ts";
import { connect, type DataOption, wholeNumber } from "./option.ts";
import { printJson, printTable } from "./print.ts";

interface InjectOptions {
  device?: string;
  interface?: string;
  seed?: number;
  json?: boolean;
}

export function addFaultCommands(program: Command, data: () => DataOption): void {
  const fault = program.command("fault").description("put faults on and off in the running lab");
  fault
    .command("list")
    .description("the faults there are, and which are on")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const faults = await connect(data()).faults();
      if (options.json) return printJson(faults);
      printTable(
        ["FAULT", "USUALLY AT", "WHAT HAPPENS"],
        faults.known.map((f) => [f.name, f.usual, f.summary]),
      );
      console.log();
      printActive(faults.active, "no fault is on");
    });
  fault
    .command("inject")
    .description("put a fault on; without --device at its usual place, or with --seed at a chosen one")
    .argument("<name>", "name of the fault, see: lab fault list")
    .option("--device <name>", "device to hit")
    .option("--interface <name>", "interface to hit, such as Te1/1")
    .option("--seed <number>", "choose device and details by this number", wholeNumber("--seed", -(2 ** 53), 2 ** 53))
    .option("--json", "print JSON")
    .action(async (name: string, { json, ...request }: InjectOptions) => {
      const injected = await connect(data()).inject(name, request);
      if (json) return printJson(injected);
      console.log(`${injected.id} is on: ${injected.detail}. End it: lab fault clear ${injected.id}`);
    });
  fault
    .command("clear")
    .description("put faults off: one by id, all of a name, or all")
    .argument("[name]", "id or name of the fault; all without one")
    .option("--all", "all faults")
    .option("--json", "print JSON")
    .action(async (name: string | undefined, options: { all?: boolean; json?: boolean }, command: Command) => {
      if (name !== undefined && options.all) command.error("error: give either a name or --all", { exitCode: 2 });
      const cleared = await connect(data()).clear(name);
      if (options.json) return printJson(cleared);
      printActive(cleared, "no fault was on", "cleared ");
    });
}

function printActive(faults: readonly ActiveFault[], none: string, prefix = ""): void {
  if (faults.length === 0) console.log(none);
  for (const { id, detail, startedAtMs } of faults)
    console.log(`${prefix}${id}: ${detail} (since ${new Date(startedAtMs).toISOString()})`);
}
