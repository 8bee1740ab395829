/** A hub in a process of its own: the real one, with a clock that can be set. Prints one line when it is ready. */
import { pino } from "pino";
import { loadConfig } from "../../../hub/config/index.ts";
import { contextFor } from "../../../hub/hub.ts";
import { createApiToken, FIRST_ADMIN_EMAIL } from "../../../hub/identity/index.ts";
import { startHub } from "../../../hub/run/index.ts";

const PARENT_GONE = 3;

let offsetMs = 0;
const [dataDir = "", databaseUrl = "", vmUrl = "", offset = "0"] = process.argv.slice(2);
offsetMs = Number(offset);
const free = { httpPort: "0", grpcPort: "0" };
const loaded = loadConfig({}, { dataDir, databaseUrl, vmUrl, ...free });
if (loaded.kind === "invalid") throw new Error(loaded.problems.join("\n"));
const running = await startHub({
  config: loaded.config,
  log: pino({ level: "warn" }, pino.destination({ dest: 2, sync: true })),
  clock: { nowMs: () => Date.now() + offsetMs },
});
const { url, grpcAddress, linkAddress, gatewayUrl } = running;
const ctx = contextFor(running.hub, { kind: "system" });
const { token: apiToken } = await createApiToken(ctx, {
  name: "scenario",
  userEmail: FIRST_ADMIN_EMAIL,
  role: "admin",
});
process.stdout.write(
  `${JSON.stringify({ url, grpc: grpcAddress, link: linkAddress, gateway: gatewayUrl, apiToken })}\n`,
);
for await (const chunk of Bun.stdin.stream()) {
  for (const line of new TextDecoder().decode(chunk).split("\n")) {
    if (line.startsWith("clock ")) offsetMs = Number(line.slice(6));
    if (line === "stop") {
      await running.stop();
      process.exit(0);
    }
  }
}
process.exit(PARENT_GONE);
