import { Command, CommanderError, InvalidArgumentError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { createLink, createToken, migrateDatabase, type Printed } from "./commands.ts";
import { EXIT, UsageError } from "./exit.ts";
import { serve } from "./serve.ts";
import { addSettings, settingsOf, variablesHelp } from "./settings.ts";

const MINUTE_MS = 60_000;

const ONE_FOLDER = `Without DATABASE_URL the hub starts Postgres in its data folder; one hub a folder. It logs to stderr.`;
const EXIT_CODES = "Exit codes: 0 done, 1 failed (the last line on stderr says why), 2 called wrongly.";

/** Runs the command that `argv` names (without program and script) and returns the exit code. */
export async function runHub(argv: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(argv, { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

function program(): Command {
  const hub = new Command("hub")
    .description(
      "Watchpost's centre: takes events from collectors, makes incidents, analyses them, serves people and programs.",
    )
    .version(packageJson.version)
    .exitOverride()
    .addHelpText("after", `\n${EXIT_CODES}`)
    .showHelpAfterError("(hub --help shows the commands)");
  addServe(hub);
  addToken(hub);
  addLink(hub);
  addMigrate(hub);
  return hub;
}

function addServe(hub: Command): void {
  const command = addSettings(hub.command("serve").description("Run the hub until SIGTERM, SIGINT or SIGHUP."))
    .option("--json", "print one JSON line on stdout once everything is ready, with a fresh admin token in it")
    .addHelpText("after", () => `${variablesHelp()}\n\n${ONE_FOLDER}`)
    .action(async (options: { json?: boolean }) => serve(settingsOf(command), options.json === true));
}

function addToken(hub: Command): void {
  const token = hub.command("token").description("One-time tokens that let a collector join.");
  const command = addSettings(token.command("create").description("Make a token; it is shown once."), ["dataDir"])
    .requiredOption("--site <name>", "the site the collector joins; made when it is new")
    .option("--expires-minutes <n>", "how long it may be used", minutes, 60)
    .option("--address <host:port>", "how the collector reaches the hub, when no hub runs on this data folder")
    .option("--json", "print JSON")
    .action(async (options: { site: string; expiresMinutes: number; address?: string; json?: boolean }) => {
      const { site, expiresMinutes, address } = options;
      const input = { site, expiresInMs: expiresMinutes * MINUTE_MS, address };
      print(await createToken(settingsOf(command), input), options.json);
    });
}

function addLink(hub: Command): void {
  const command = addSettings(
    hub.command("sign-in-link").description("Make a link that signs one person in, once, within 15 minutes."),
    ["dataDir"],
  )
    .option("--email <address>", "whom; the first admin when not given")
    .option("--json", "print JSON")
    .action(async (options: { email?: string; json?: boolean }) =>
      print(await createLink(settingsOf(command), options.email), options.json),
    );
}

function addMigrate(hub: Command): void {
  const command = addSettings(
    hub
      .command("migrate")
      .description("Bring DATABASE_URL to this version's schema; hub serve does so itself when it starts."),
    ["dataDir"],
  )
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => print(await migrateDatabase(settingsOf(command)), options.json));
}

function minutes(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 10_080) return value;
  throw new InvalidArgumentError("1 to 10080 (7 days).");
}

function print({ text, json }: Printed, asJson: boolean | undefined): void {
  console.log(asJson === true ? JSON.stringify(json) : text);
}
