/** A collector's trial of a pushed configuration in a process of its own: one that has a device "blocks" blocks its loop. */
import pino from "pino";
import { systemTimerClock } from "../clock.ts";
import { configSchema } from "../config/index.ts";
import { createConfigTrial } from "./config-trial.ts";
import { openSiteInForce } from "./site-in-force.ts";
import { armWatchdog } from "./watchdog.ts";

const [dataDir = "", version = "0", yaml = ""] = process.argv.slice(2);
if (!armWatchdog({ blockedSMax: 1 })) throw new Error("this system has no alarm(2)");
const log = pino({ level: "silent" });
const config = configSchema.parse({ name: "edge1", dataDir });
const site = openSiteInForce({ config, dataDir, log });
const trial = createConfigTrial({
  site,
  clock: systemTimerClock,
  log,
  async applySite({ poll }) {
    await Bun.sleep(10);
    for (;;) if (poll.intervalMs !== 7_777) return;
  },
});
trial.resume();
const outcome = site.isProven()
  ? await trial.apply({ $typeName: "watchpost.v1.ConfigPush", version: Number(version), yaml })
  : await new Promise(() => undefined);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit(0);
