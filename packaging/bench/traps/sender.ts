/** A process of its own: sends traps at a rate from many addresses, or informs one by one, and prints what it saw. */
import { informOf, linkDown, sealed } from "./message.ts";

const TICK_MS = 5;
const MESSAGES = 64;
const ACK_WITHIN_MS = 5_000;

export interface SenderOrder {
  what: "traps" | "sealed-traps" | "informs";
  port: number;
  ratePerSecond: number;
  seconds: number;
  sources: string[];
}

export type SenderResult = { sent: number; latenciesMs: number[]; unanswered: number };

const order: SenderOrder = JSON.parse(process.argv[2] ?? "{}");
const result = order.what === "informs" ? await sendInforms(order) : await sendTraps(order);
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

async function sendTraps({ what, port, ratePerSecond, seconds, sources }: SenderOrder): Promise<SenderResult> {
  const sockets = await Promise.all(sources.map((hostname) => Bun.udpSocket({ hostname, port: 0 })));
  const plain = Array.from({ length: MESSAGES }, (_, i) => linkDown(i + 1));
  const messages = what === "traps" ? plain : plain.map((trap, i) => sealed(trap, i + 1));
  const startedMs = performance.now();
  const total = ratePerSecond * seconds;
  let sent = 0;
  for (let turn = 0; sent < total; turn += 1) {
    const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1_000) * ratePerSecond)) - sent;
    const packets: (Uint8Array | number | string)[] = [];
    for (let i = 0; i < due; i += 1)
      packets.push(messages[(sent + i) % MESSAGES] ?? new Uint8Array(0), port, "127.0.0.1");
    if (due > 0) sent += sockets[turn % sockets.length]?.sendMany(packets) ?? 0;
    await Bun.sleep(TICK_MS);
  }
  return { sent, latenciesMs: [], unanswered: 0 };
}

/** One inform of each source: every one is an event of its own, and its answer says that the event is on disk. */
async function sendInforms({ port, ratePerSecond, sources }: SenderOrder): Promise<SenderResult> {
  const latenciesMs: number[] = [];
  const message = informOf(linkDown(1));
  const answers = sources.map(async (hostname, i) => {
    await Bun.sleep((i / ratePerSecond) * 1_000);
    const answered = Promise.withResolvers<boolean>();
    const socket = await Bun.udpSocket({ hostname, port: 0, socket: { data: () => answered.resolve(true) } });
    const startedMs = performance.now();
    socket.send(message, port, "127.0.0.1");
    const isAnswered = await Promise.race([answered.promise, Bun.sleep(ACK_WITHIN_MS).then(() => false)]);
    if (isAnswered) latenciesMs.push(performance.now() - startedMs);
    socket.close();
    return isAnswered;
  });
  const outcomes = await Promise.all(answers);
  return { sent: sources.length, latenciesMs, unanswered: outcomes.filter((isAnswered) => !isAnswered).length };
}
