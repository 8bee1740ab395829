import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";

export interface StartOptions {
  json: boolean;
  data: string;
  httpPort?: number;
  grpcPort?: number;
  lab: boolean;
  open: boolean;
}

/** Parses what stands behind `npm start --`. `--help` prints and ends the process. */
export function parseOptions(argv: string[], checkout: string): StartOptions {
  const command = new Command("npm start --")
    .description(
      "Start Postgres, VictoriaMetrics, the hub, one collector and a simulated site, and keep them until Ctrl-C.",
    )
    .option("--json", "print one line of JSON on stdout once everything is ready; progress goes to stderr", false)
    .option("--data <dir>", "data folder, kept between starts", resolve(checkout, ".watchpost"))
    .option("--http-port <n>", "port of the pages and the REST API (8080, or a free one)", port)
    .option("--grpc-port <n>", "port of enrolment and the insight stream (8443, or a free one)", port)
    .option("--no-lab", "start without the simulated site")
    .option("--open", "open the sign-in link in the browser", false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  const parsed = command.parse(argv, { from: "user" }).opts<StartOptions>();
  return { ...parsed, data: resolve(parsed.data) };
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError("a port is a number from 1 to 65535.");
  return value;
}
