import type { Command } from "commander";
import { type ServedRecording, serveRecordings } from "../index.ts";
import { wholeNumber } from "./option.ts";
import { printJson, printTable } from "./print.ts";
import { untilAskedToStop } from "./signal.ts";

interface ServeOptions {
  port: number;
  address?: string;
  community?: string;
  json?: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description("serve recordings of devices (OID|type|value) until SIGINT or SIGTERM")
    .argument("<file...>", "recordings, each served at an address of its own")
    .option("--port <number>", "UDP port at every address; 0 takes a free one", wholeNumber("--port", 0, 65_535), 0)
    .option("--address <address>", "address of the first recording (default: 127.2.0.1)")
    .option("--community <name>", 'community besides the base name of the file (default: "public")')
    .option("--json", "print one line of JSON once it runs")
    .action(async (files: string[], options: ServeOptions) => {
      const { port, address, community, json } = options;
      const stopping = untilAskedToStop();
      const served = await serveRecordings({
        files,
        port,
        ...(address === undefined ? {} : { address }),
        ...(community === undefined ? {} : { community }),
      });
      if (json) printJson({ devices: served.devices });
      else printServed(served.devices);
      await stopping;
      served.close();
    });
}

function printServed(devices: readonly ServedRecording[]): void {
  printTable(
    ["DEVICE", "ADDRESS", "OBJECTS", "MALFORMED LINES"],
    devices.map((device) => [
      device.name,
      `${device.address}:${device.port}`,
      String(device.objects),
      String(device.malformed.count),
    ]),
  );
  for (const { file, malformed } of devices)
    for (const example of malformed.examples) console.error(`${file} ${example}`);
}
