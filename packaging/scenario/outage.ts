import { existsSync } from "node:fs";
import { judged, type Report } from "./report.ts";
import { ScenarioSite } from "./site/site.ts";
import { verify } from "./site/verify.ts";

const EVENTS_PER_SECOND = 100;
const SAMPLES_PER_SECOND = 5_000;
/** Longer than it takes to notice a dead path. */
const CUT_MS = 40_000;
const LOSS_MS = 15_000;
const NOTICED_MS_MAX = 30_000;
/** Program, and the package of Debian that has it. */
const NFT = "/usr/sbin/nft";
const UNSHARE = "/usr/bin/unshare";
const NEEDED = [
  { program: NFT, from: "nftables" },
  { program: UNSHARE, from: "util-linux" },
  { program: "/usr/sbin/ip", from: "iproute2" },
];
export const INSIDE = "WATCHPOST_SCENARIO_NETNS";

/** True when this machine lets us have a network of our own whose packets can be dropped; else says what is missing. */
export function canDropPackets(): boolean {
  const missing = NEEDED.filter(({ program }) => !existsSync(program));
  if (process.getuid?.() === 0 && missing.length === 0) return true;
  const install =
    missing.length === 0
      ? ""
      : ` ${missing.map(({ program }) => program).join(", ")} missing: apt-get install ${missing.map(({ from }) => from).join(" ")}.`;
  const root = process.getuid?.() === 0 ? "" : " Run it as root: a network namespace and packet filters need it.";
  process.stderr.write(
    `outage: packets cannot be dropped here, so connections are only reset, which proves less.${install}${root}\n`,
  );
  return false;
}

/** Runs this same command again, alone in a network namespace. Gives its exit code. */
export async function inOwnNetwork(args: string[]): Promise<number> {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const child = Bun.spawn([UNSHARE, "--net", "--", "sh", "-c", script, process.execPath, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, [INSIDE]: "1" },
  });
  return child.exited;
}

/** The way between collector and hub: dropped without a word where that is possible, else reset by the lab's uplink. */
interface Cable {
  how: string;
  cut(): void;
  lose(): void;
  mend(): void;
}

/** The hub cannot be reached for a while, then over a network that loses every tenth packet; then all has to arrive. */
export async function outageScenario(options: { seed: number }): Promise<Report> {
  const site = await ScenarioSite.open({
    seed: options.seed,
    eventsPerSecond: EVENTS_PER_SECOND,
    samplesPerSecond: SAMPLES_PER_SECOND,
    devicesMax: 8,
  });
  const cable = process.env[INSIDE] === "1" ? droppingCable(site) : uplinkCable(site);
  try {
    const collector = await site.startCollector();
    await site.until("the link is up", () => site.kept.pending.isUp, 30_000);
    cable.cut();
    const noticedMs = await site.until("the cut is noticed", () => !site.kept.pending.isUp, NOTICED_MS_MAX + 5_000);
    await Bun.sleep(Math.max(0, CUT_MS - noticedMs));
    const waiting = { ...site.kept.pending };
    cable.lose();
    await Bun.sleep(LOSS_MS);
    cable.mend();
    const backMs = await site.until("the link is back", () => site.kept.pending.isUp, 60_000);
    await site.drain(collector);
    await collector.stop();
    const found = await verify(site);
    const rows = [
      {
        subject: "cut",
        metric: `noticed (${cable.how})`,
        value: Math.round(noticedMs),
        unit: "ms",
        atMost: NOTICED_MS_MAX,
      },
      { subject: "cut", metric: "events waiting at its end", value: waiting.events, unit: "" },
      { subject: "cut", metric: "samples waiting at its end", value: waiting.samples, unit: "" },
      { subject: "mended", metric: "streaming again after", value: Math.round(backMs), unit: "ms", atMost: 45_000 },
      { subject: "events", metric: "acknowledged", value: site.kept.events.size, unit: "" },
      { subject: "samples", metric: "acknowledged", value: site.kept.sampleCount(), unit: "" },
      { subject: "samples", metric: "missing", value: found.samplesMissing, unit: "", atMost: 0 },
    ];
    return judged("outage", rows, found.violations);
  } finally {
    cable.mend();
    await site.close();
  }
}

function droppingCable(site: ScenarioSite): Cable {
  const { link, gateway } = site.addresses;
  const ports = `{ ${link.split(":").at(-1)}, ${new URL(gateway).port} }`;
  const flush = "add table inet outage; delete table inet outage;";
  const chain = "add table inet outage; add chain inet outage in { type filter hook input priority 0; };";
  const rules = (verdict: string): string =>
    `${flush} ${chain} add rule inet outage in tcp dport ${ports} ${verdict}; add rule inet outage in tcp sport ${ports} ${verdict};`;
  return {
    how: "packets dropped",
    cut: () => nft(rules("drop")),
    lose: () => nft(rules("numgen random mod 10 == 0 drop")),
    mend: () => nft(flush),
  };
}

function nft(commands: string): void {
  const { exitCode, stderr } = Bun.spawnSync([NFT, commands]);
  if (exitCode !== 0) throw new Error(`nft refused: ${stderr.toString().trim()}`);
}

function uplinkCable(site: ScenarioSite): Cable {
  const { uplink } = site.lab;
  return {
    how: "connections reset",
    cut: () => uplink.cut("outage"),
    lose: () => uplink.mend("outage"),
    mend: () => uplink.mend("outage"),
  };
}
