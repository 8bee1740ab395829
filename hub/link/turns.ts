export type Turn<T> = { kind: "done"; value: T } | { kind: "too-many" };

const QUIET_POLL_MS = 50;

/**
 * Lets at most `runningMax` work at one time; the others wait in the order in which they came, so that nobody who asks
 * once per turn can starve another. Beyond `waitingMax` nobody more is taken.
 */
export class Turns {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: { runningMax: number; waitingMax: number }) {
    this.#runningMax = limits.runningMax;
    this.#waitingMax = limits.waitingMax;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when nobody waits any more, or after this time: for work that can stand back. */
  async quiet(waitMsMax: number): Promise<void> {
    const deadline = performance.now() + waitMsMax;
    while (this.#waiting.length > 0 && performance.now() < deadline) await Bun.sleep(QUIET_POLL_MS);
  }

  async take<T>(work: () => Promise<T>): Promise<Turn<T>> {
    if (this.#running < this.#runningMax) this.#running += 1;
    else if (this.#waiting.length >= this.#waitingMax) return { kind: "too-many" };
    // Whoever ends hands the turn on without giving it back.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return { kind: "done", value: await work() };
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/** What the streams of one hub share. Postgres has ten connections; pages and verbs need some of them too. */
export interface Admission {
  /** Who is it, and where does its outbox stand: the first steps of a stream, done for many in one statement. */
  greetings: Turns;
  /** Batches of events. A stream asks for one at a time, so that a large backlog waits as long as a small one. */
  commits: Turns;
  /** Analyses that let batches go first: while some wait, few pass. */
  analyses: Turns;
}

export function createAdmission(): Admission {
  return {
    greetings: new Turns({ runningMax: 200, waitingMax: 5_000 }),
    commits: new Turns({ runningMax: 4, waitingMax: 20_000 }),
    analyses: new Turns({ runningMax: 4, waitingMax: 100 }),
  };
}
