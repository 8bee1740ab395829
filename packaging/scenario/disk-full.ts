import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { judged, type Report } from "./report.ts";
import type { LineProcess } from "./site/process.ts";
import { ScenarioSite } from "./site/site.ts";
import { verify } from "./site/verify.ts";

const DISK_MIB = 64;
const EVENTS_PER_SECOND = 50;
/** Random numbers do not compress: about 8 bytes each. */
const SAMPLES_PER_SECOND = 250_000;
const FULL_MS = 45_000;
const RECOVERY_MS_MAX = 10_000;
/** Gaps are told at most once a minute. */
const GAPS_TOLD_MS = 65_000;

/**
 * A collector whose disk is a tmpfs of 64 MB in a mount namespace of its own, cut off until long after it is full.
 * Needs root; others see nothing of the mount.
 */
export async function diskFullScenario(options: { seed: number }): Promise<Report> {
  if (process.getuid?.() !== 0)
    throw new Error("disk-full mounts a tmpfs of its own, which needs root. Run it as root.");
  const site = await ScenarioSite.open({
    seed: options.seed,
    eventsPerSecond: EVENTS_PER_SECOND,
    samplesPerSecond: SAMPLES_PER_SECOND,
    devicesMax: 8,
  });
  try {
    const dataDir = join(site.dir, "collector");
    mkdirSync(dataDir, { recursive: true });
    const mount = `mount -t tmpfs -o size=${DISK_MIB}m tmpfs ${dataDir} && exec "$0" "$@"`;
    const collector = await site.startCollector({ wrap: ["/usr/bin/unshare", "--mount", "--", "sh", "-c", mount] });
    await site.until("the link is up", () => site.kept.pending.isUp, 30_000);
    site.lab.uplink.cut("disk-full");
    await Bun.sleep(FULL_MS);
    const usedMib = diskUse(collector, dataDir);
    const full = {
      refusedEvents: site.kept.refusedEvents,
      refusedSamples: site.kept.refusedSamples,
      events: site.kept.events.size,
    };
    site.lab.uplink.mend("disk-full");
    const backMs = await site.until("the link is back", () => site.kept.pending.isUp, 60_000);
    const before = site.kept.events.size;
    const freshMs = await site.until("new events are kept", () => site.kept.events.size > before, RECOVERY_MS_MAX);
    await site.drain(collector);
    const alive = collector.isAlive ? 1 : 0;
    await Bun.sleep(GAPS_TOLD_MS);
    await collector.stop();
    const found = await verify(site);
    const { kept } = site;
    const rows = [
      { subject: "disk", metric: "used when full", value: usedMib, unit: "MiB", atLeast: DISK_MIB / 2 },
      { subject: "collector", metric: "alive at the end", value: alive, unit: "", atLeast: 1 },
      { subject: "events", metric: "acknowledged", value: kept.events.size, unit: "" },
      { subject: "events", metric: "refused while full", value: full.refusedEvents, unit: "", atMost: 0 },
      { subject: "samples", metric: "produced", value: kept.sampleCount() + kept.refusedSamples, unit: "" },
      { subject: "samples", metric: "refused, told as such", value: kept.refusedSamples, unit: "" },
      { subject: "samples", metric: "delivered", value: found.samplesStored, unit: "" },
      { subject: "samples", metric: "counted by gaps", value: found.samplesCounted, unit: "", atLeast: 1 },
      {
        subject: "samples",
        metric: "produced - delivered - counted",
        value: kept.sampleCount() + kept.refusedSamples - found.samplesStored - found.samplesCounted,
        unit: "",
        atMost: 0,
        atLeast: 0,
      },
      {
        subject: "recovery",
        metric: "events kept again after",
        value: Math.round(freshMs),
        unit: "ms",
        atMost: RECOVERY_MS_MAX,
      },
      { subject: "recovery", metric: "link back after", value: Math.round(backMs), unit: "ms" },
    ];
    return judged("disk-full", rows, found.violations);
  } finally {
    await site.close();
  }
}

/** The mount is the collector's alone: asked through its own view of the files. */
function diskUse(collector: LineProcess, dir: string): number {
  const { stdout } = Bun.spawnSync(["nsenter", "-t", String(collector.pid), "-m", "df", "--output=used", "-BM", dir]);
  return Number(/(\d+)M/.exec(stdout.toString())?.[1] ?? 0);
}
