import { quantile } from "../meter.ts";
import type { Row } from "../report.ts";
import type { BenchVersion } from "./credential.ts";
import { startExporter } from "./exporter.ts";
import { startOurs } from "./ours.ts";
import { compilePeer, startPeer } from "./peer.ts";
import { startSimulator } from "./simulator.ts";
import type { Round, Subject } from "./subject.ts";
import { isTrue, secondOf, VALUES_A_POLL } from "./switch.ts";

const DEVICES = 64;
const IN_FLIGHT = 16;
const WARM_UP_POLLS = 12_000;
/** snmp_exporter costs so much more that fewer polls say the same. */
const EXPORTER_SHARE = 0.1;

export interface LoadOptions {
  version: BenchVersion;
  rounds: number;
  polls: number;
  dir: string;
}

/** CPU of each subject per poll of the same switches, in rounds that take turns. */
export async function measureLoad(options: LoadOptions): Promise<{ rows: Row[]; wrong: number; notes: string[] }> {
  const { version, rounds, polls, dir } = options;
  const simulator = await startSimulator({ first: 0, count: DEVICES, ports: 48 });
  const how = { version, inFlight: IN_FLIGHT, ports: simulator.ports };
  const notes: string[] = [];
  const subjects: Subject[] = [startOurs(how)];
  const peer = compilePeer(dir);
  if ("program" in peer) subjects.push(startPeer(peer.program, how));
  else notes.push(`net-snmp C library: ${peer.reason}`);
  const exporter = await startExporter({ ...how, dir });
  if (exporter) subjects.push(exporter);
  else notes.push("snmp_exporter: not installed");

  const pollsOf = (subject: Subject) => (subject === exporter ? Math.ceil(polls * EXPORTER_SHARE) : polls);
  // A collector runs for months: what it costs before its code is compiled is not the question.
  for (const subject of subjects) await subject.run(subject === exporter ? DEVICES : WARM_UP_POLLS);
  const measured = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
  const wrongOf = new Map<Subject, number>();
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const fromS = secondOf(Date.now());
      measured.get(subject)?.push(await subject.run(pollsOf(subject)));
      const wrong = await countWrong(subject, fromS);
      wrongOf.set(subject, (wrongOf.get(subject) ?? 0) + wrong);
    }
  }
  for (const subject of subjects) await subject.stop();
  await simulator.stop();
  const rows = subjects.flatMap((subject) =>
    rowsOf(subject, version, measured.get(subject) ?? [], wrongOf.get(subject) ?? 0),
  );
  return { rows: [...rows, ...ratios(rows, version)], wrong: [...wrongOf.values()].reduce((a, b) => a + b, 0), notes };
}

/** Values that are not those of their place and time, and values that are missing. */
async function countWrong(subject: Subject, fromS: number): Promise<number> {
  const observed = await subject.observed();
  const span = { fromS, toS: secondOf(Date.now()) };
  const missing = DEVICES * (VALUES_A_POLL - 1) - observed.length;
  return Math.max(0, missing) + observed.filter((one) => !isTrue(one, span)).length;
}

function rowsOf({ name }: Subject, version: BenchVersion, rounds: readonly Round[], wrong: number): Row[] {
  const subject = `${name} ${version}`;
  const cpuMs = median(rounds.map((round) => round.cpuMs / round.polls));
  const requests = median(rounds.map((round) => round.requests / round.polls));
  return [
    { subject, metric: "CPU a poll", value: cpuMs, unit: "ms" },
    { subject, metric: "values a CPU second", value: Math.round((VALUES_A_POLL / cpuMs) * 1_000), unit: "values/s" },
    { subject, metric: "memory", value: median(rounds.map(({ rssBytes }) => rssBytes)) / 1e6, unit: "MB" },
    ...(requests > 0 ? [{ subject, metric: "requests a poll", value: requests, unit: "requests" }] : []),
    { subject, metric: "wrong values", value: wrong, unit: "values" },
  ];
}

function ratios(rows: readonly Row[], version: BenchVersion): Row[] {
  const cpu = (name: string) =>
    rows.find((row) => row.subject === `${name} ${version}` && row.metric === "CPU a poll")?.value;
  const ours = cpu("watchpost") ?? Number.NaN;
  return ["net-snmp C library", "snmp_exporter"].flatMap((name) => {
    const theirs = cpu(name);
    if (theirs === undefined) return [];
    return [{ subject: `watchpost ${version}`, metric: `CPU of ${name}`, value: ours / theirs, unit: "x" }];
  });
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
