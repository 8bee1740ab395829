import type { Pinger } from "../device/icmp/index.ts";
import { createSnmpEngine, type SocketFactory } from "../device/snmp/index.ts";
import { connectDevices } from "./connect.ts";
import { answersEcho, openScanPinger } from "./echo.ts";
import { examine } from "./examine.ts";
import type { Examined, FoundDevice, FoundHost, FoundLink } from "./found.ts";
import { knock } from "./knock.ts";
import { mergeDuplicates } from "./merge.ts";
import { pacedSockets } from "./paced-sockets.ts";
import { Pacer } from "./pacer.ts";
import type { Scanning } from "./settings.ts";
import { inOrder, tryCredentials } from "./try-credentials.ts";

const ANSWERS_MAX = 20_000;
/** Rows of forwarding tables kept of one scan; a site's largest switches would fill the memory. */
const LEARNED_MAX = 500_000;
/** Share of a try's time that its datagram may wait for its turn. */
const WAIT_SHARE = 0.5;

export interface Progress {
  addresses: number;
  done: number;
  /** Addresses with an agent that answered. */
  answered: number;
  packets: number;
}

export interface ScanResult {
  kind: "finished" | "cancelled";
  devices: FoundDevice[];
  hosts: FoundHost[];
  links: FoundLink[];
  progress: Progress;
}

export interface ScanInput extends Scanning {
  /** Permitted by the caller. */
  addresses: readonly string[];
  signal: AbortSignal;
  /** After each address. */
  onProgress: (progress: Progress) => void;
  sockets?: SocketFactory;
}

/** Asks every address who it is, then makes devices and links of the answers. Ends at once when the signal says so. */
export async function scan(input: ScanInput): Promise<ScanResult> {
  const walk = new ScanWalk(input);
  await walk.run();
  const devices = mergeDuplicates(walk.answers);
  const claimed = new Set(devices.flatMap(({ members }) => members.flatMap((m) => [m.address, ...m.addresses])));
  return {
    kind: input.signal.aborted ? "cancelled" : "finished",
    devices,
    hosts: walk.hosts.filter(({ address }) => !claimed.has(address)),
    links: connectDevices(devices),
    progress: walk.progress(),
  };
}

class ScanWalk {
  readonly answers: Examined[] = [];
  readonly hosts: FoundHost[] = [];
  readonly #input: ScanInput;
  readonly #pacer: Pacer;
  readonly #engine: ReturnType<typeof createSnmpEngine>;
  readonly #pinger: Pinger | undefined;
  #next = 0;
  #done = 0;
  #learned = 0;

  constructor(input: ScanInput) {
    this.#input = input;
    this.#pacer = new Pacer(input.clock, input.settings.packetsPerSecond);
    this.#pinger = input.settings.ping ? (input.pinger ?? openScanPinger(input.clock)) : undefined;
    this.#engine = createSnmpEngine({ clock: input.clock, socketFactory: pacedSockets(this.#pacer, input.sockets) });
  }

  progress(): Progress {
    const { addresses } = this.#input;
    return {
      addresses: addresses.length,
      done: this.#done,
      answered: this.answers.length,
      packets: this.#pacer.sent,
    };
  }

  async run(): Promise<void> {
    const { signal, settings } = this.#input;
    const cancel = (): void => {
      this.#pacer.stop();
      this.#engine.close();
    };
    const own = this.#input.pinger ? undefined : this.#pinger;
    signal.addEventListener("abort", cancel, { once: true });
    try {
      // As many as keep the wait for a turn well below a try's time-out, else pace would look like silence.
      const fitting = Math.floor((settings.packetsPerSecond * settings.timeoutMs * WAIT_SHARE) / 1_000);
      const each = 2 + settings.tcpPorts.length;
      const workers = Math.max(1, Math.min(settings.inFlightMax, Math.floor(fitting / each)));
      await Promise.all(Array.from({ length: workers }, () => this.#work()));
    } finally {
      signal.removeEventListener("abort", cancel);
      cancel();
      own?.close();
    }
  }

  async #work(): Promise<void> {
    const { addresses, signal, onProgress } = this.#input;
    while (!signal.aborted && this.#next < addresses.length) {
      const address = addresses[this.#next];
      this.#next += 1;
      if (address !== undefined) await this.#visit(address);
      if (signal.aborted) return;
      this.#done += 1;
      onProgress(this.progress());
    }
  }

  async #visit(address: string): Promise<void> {
    const { settings, signal } = this.#input;
    const asking = { pinger: this.#pinger, pacer: this.#pacer, timeoutMs: settings.timeoutMs, signal };
    const echoed = answersEcho(asking, address);
    const knocked = knock(asking, address, settings.tcpPorts);
    let hasAgent = false;
    let answered = false;
    for (const port of settings.snmpPorts) {
      const outcome = await this.#ask(address, port);
      hasAgent ||= outcome === "rejected";
      if (typeof outcome === "string") continue;
      answered = true;
      this.#keep({ ...outcome, openPorts: await knocked });
    }
    const openPorts = await knocked;
    const isEchoing = await echoed;
    const isThere = hasAgent || isEchoing || openPorts.length > 0;
    if (!answered && !signal.aborted && isThere && this.hosts.length < ANSWERS_MAX)
      this.hosts.push({ address, openPorts, hasAgent, answersEcho: isEchoing });
  }

  async #ask(address: string, port: number): Promise<Examined | "rejected" | "silent"> {
    const { settings, library } = this.#input;
    const { timeoutMs, retries } = settings;
    const asking = { engine: this.#engine, credentials: inOrder(this.#input.credentials), timeoutMs, retries };
    const tried = await tryCredentials(asking, { address, port });
    if (tried.kind !== "answered") return tried.kind === "rejected" ? "rejected" : "silent";
    return (await examine({ engine: this.#engine, library }, tried.target)) ?? "silent";
  }

  #keep(answer: Examined): void {
    if (this.answers.length >= ANSWERS_MAX) return;
    const room = Math.max(0, LEARNED_MAX - this.#learned);
    const learned = answer.learned.slice(0, room);
    this.#learned += learned.length;
    this.answers.push({ ...answer, learned });
  }
}
