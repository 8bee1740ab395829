import { constants } from "node:os";

/** A life shorter than this one counts as quick: a loop that stands still is ended by the system after 15 s. */
const QUICK_LIFE_MS = 60_000;
/** One more than a configuration that breaks its collector needs to be rolled back, and one for bad luck. */
const QUICK_LIVES_MAX = 5;
const FIRST_PAUSE_MS = 1_000;
const SIGNAL_BASE = 128;

/** One run of a program. */
export interface Life {
  /** The exit code when it ends for whatever reason; 128 and its number for a signal. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
  /** What it said last, as a sentence. */
  lastWords(): string;
}

export interface KeepOptions {
  name: string;
  first: Life;
  startAgain: () => Life | Promise<Life>;
  /** Told in one sentence each time it is started again. */
  say: (sentence: string) => void;
  /** It fell over too often, or could not be started again: nothing runs any more. */
  onGivenUp: (sentence: string) => void;
  /** Doubled after each quick life. */
  firstPauseMs?: number;
}

/** Starts a program again whenever it ends by itself, until it falls over too often. Gives the way to end it for good. */
export function keep(options: KeepOptions): { stop(): Promise<void> } {
  const keeper = new Keeper(options);
  void keeper.run();
  return { stop: () => keeper.stop() };
}

class Keeper {
  readonly #options: KeepOptions;
  readonly #stopping = Promise.withResolvers<void>();
  #isStopping = false;
  #life: Life;
  #starting: Promise<unknown> = Promise.resolve();
  #quickLives = 0;

  constructor(options: KeepOptions) {
    this.#options = options;
    this.#life = options.first;
  }

  async run(): Promise<void> {
    while (!this.#isStopping) {
      const startedMs = performance.now();
      const code = await this.#life.exited;
      if (this.#isStopping) return;
      this.#quickLives = performance.now() - startedMs < QUICK_LIFE_MS ? this.#quickLives + 1 : 1;
      const ending = `the ${this.#options.name} ended by itself (${wayOf(code)})`;
      if (this.#quickLives >= QUICK_LIVES_MAX) return this.#giveUp(ending, code);
      const pauseMs = (this.#options.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (this.#quickLives - 1);
      const again = `start ${this.#quickLives} of at most ${QUICK_LIVES_MAX - 1} in a row`;
      this.#options.say(`${ending}; it is started again in ${pauseMs / 1_000} s (${again}).`);
      await Promise.race([Bun.sleep(pauseMs), this.#stopping.promise]);
      if (!this.#isStopping) await this.#startAgain();
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopping.resolve();
    await this.#starting;
    await this.#life.stop();
  }

  async #startAgain(): Promise<void> {
    const { name, startAgain, onGivenUp } = this.#options;
    const starting = (async () => {
      try {
        this.#life = await startAgain();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!this.#isStopping) onGivenUp(`the ${name} could not be started again: ${reason}`);
        this.#isStopping = true;
      }
    })();
    this.#starting = starting;
    await starting;
  }

  #giveUp(ending: string, code: number): void {
    this.#isStopping = true;
    const words = code > SIGNAL_BASE ? "" : ` ${this.#life.lastWords()}`;
    const times = `${QUICK_LIVES_MAX} times within ${QUICK_LIFE_MS / 1_000} s of a start`;
    this.#options.onGivenUp(`${ending}, as it did ${times}: it is not started again.${words}`);
  }
}

/** "code 3", or "killed by SIGKILL". */
export function wayOf(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE);
  return signal ? `killed by ${signal[0]}` : `code ${code}`;
}
