import type { Command } from "commander";
import { LabClient, startLab } from "../index.ts";
import { type DataOption, labDir, wholeNumber } from "./option.ts";
import { printJson, printTable } from "./print.ts";
import { untilAskedToStop } from "./signal.ts";

interface RunOptions {
  port?: number;
  seed?: number;
  trapTarget?: string;
  syslogTarget?: string;
  linkTarget?: string;
  enrollmentTarget?: string;
  remoteWriteTarget?: string;
  exitWithStdin?: boolean;
  json?: boolean;
}

export function addRunCommands(program: Command, data: () => DataOption): void {
  program
    .command("run")
    .description("run the simulated site until SIGINT or SIGTERM")
    .option("--port <number>", "UDP port of all agents; a free one when not given", wholeNumber("--port", 1, 65_535))
    .option("--seed <number>", "site of another shape and load", wholeNumber("--seed", 0, 2 ** 32 - 1))
    .option("--trap-target <address:port>", "send traps there")
    .option("--syslog-target <address:port>", "send syslog there")
    .option("--link-target <host:port>", "hub's mTLS gRPC listener, behind the uplink's proxy")
    .option("--enrollment-target <host:port>", "hub's enrolment listener, behind the uplink's proxy")
    .option("--remote-write-target <host:port>", "hub's remote-write gateway, behind the uplink's proxy")
    .option("--exit-with-stdin", "stop when stdin ends, so that the lab cannot outlive its parent")
    .option("--json", "print one line of JSON once it runs")
    .action(async (options: RunOptions) => {
      await run(options, labDir(data()));
    });
  program
    .command("devices")
    .description("devices of the running lab")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const devices = await LabClient.connect(labDir(data())).devices();
      if (options.json) return printJson(devices);
      printDevices(devices);
    });
}

async function run(options: RunOptions, dir: string): Promise<void> {
  const { port, seed, trapTarget, syslogTarget, linkTarget, enrollmentTarget, remoteWriteTarget } = options;
  const stopping = untilAskedToStop(options.exitWithStdin ? { withStdin: true } : {});
  const lab = await startLab({
    dir,
    control: true,
    ...(port === undefined ? {} : { port }),
    ...(seed === undefined ? {} : { seed }),
    ...(trapTarget === undefined ? {} : { trapTarget }),
    ...(syslogTarget === undefined ? {} : { syslogTarget }),
    uplinkTargets: {
      ...(linkTarget === undefined ? {} : { link: linkTarget }),
      ...(enrollmentTarget === undefined ? {} : { enrollment: enrollmentTarget }),
      ...(remoteWriteTarget === undefined ? {} : { remoteWrite: remoteWriteTarget }),
    },
  });
  if (options.json) printJson({ dir, pid: process.pid, devices: lab.devices, uplink: lab.uplink.ports });
  else {
    printDevices(lab.devices);
    console.log(`${lab.devices.length} devices answer. Faults: lab fault list. Ctrl-C stops the lab.`);
  }
  await stopping;
  await lab.stop();
}

function printDevices(
  devices: readonly { name: string; role: string; address: string; port: number; credential: string }[],
) {
  printTable(
    ["DEVICE", "ROLE", "ADDRESS", "CREDENTIAL"],
    devices.map((device) => [device.name, device.role, `${device.address}:${device.port}`, device.credential]),
  );
}
