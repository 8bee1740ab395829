import { expect, test } from "bun:test";
import { keep, type Life, wayOf } from "./keep.ts";

function life(script: string): Life & { pid: number } {
  const child = Bun.spawn(["sh", "-c", script], { stdio: ["ignore", "ignore", "ignore"] });
  return {
    pid: child.pid,
    exited: child.exited,
    lastWords: () => "It says: no room.",
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

/** Keeps a program whose lives are these scripts, the last one for ever. */
function keeping(scripts: string[]) {
  const said: string[] = [];
  const lives: Life[] = [];
  const next = (): Life => {
    const one = life(scripts[Math.min(lives.length, scripts.length - 1)] ?? "");
    lives.push(one);
    return one;
  };
  const givenUp = Promise.withResolvers<string>();
  const keeper = keep({
    name: "collector",
    first: next(),
    startAgain: next,
    say: (sentence) => said.push(sentence),
    onGivenUp: givenUp.resolve,
    firstPauseMs: 10,
  });
  return { said, lives, givenUp: givenUp.promise, stop: () => keeper.stop() };
}

function never(): Life {
  throw new Error("started after the stop");
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isSo(); turn += 1) await Bun.sleep(10);
  expect(isSo()).toBe(true);
}

test("what ended by itself is started again, and one sentence says how it ended", async () => {
  const kept = keeping(["kill -9 $$", "exit 3", "sleep 60"]);
  await until(() => kept.lives.length === 3);
  await kept.stop();
  expect(kept.said).toEqual([
    "the collector ended by itself (killed by SIGKILL); it is started again in 0.01 s (start 1 of at most 4 in a row).",
    "the collector ended by itself (code 3); it is started again in 0.02 s (start 2 of at most 4 in a row).",
  ]);
  expect(kept.lives).toHaveLength(3);
});

test("one that ends at every start is given up with its last words", async () => {
  const kept = keeping(["exit 3"]);
  expect(await kept.givenUp).toBe(
    "the collector ended by itself (code 3), as it did 5 times within 60 s of a start: it is not started again. It says: no room.",
  );
  expect(kept.lives).toHaveLength(5);
});

test("a stop ends the life under way, and a pause at once; nothing is started after it", async () => {
  const running = keeping(["sleep 60"]);
  await running.stop();
  expect(running.said).toEqual([]);

  const said: string[] = [];
  const ended = life("exit 0");
  const say = (sentence: string): number => said.push(sentence);
  const keeper = keep({ name: "hub", first: ended, startAgain: never, say, onGivenUp: say, firstPauseMs: 60_000 });
  await until(() => said.length === 1);
  const from = performance.now();
  await keeper.stop();
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(said).toHaveLength(1);
});

test("one that cannot be started again is said with the reason", async () => {
  const givenUp = Promise.withResolvers<string>();
  keep({
    name: "collector",
    first: life("exit 1"),
    startAgain: () => Promise.reject(new Error("the hub gives no token")),
    say: () => undefined,
    onGivenUp: givenUp.resolve,
    firstPauseMs: 1,
  });
  expect(await givenUp.promise).toBe("the collector could not be started again: the hub gives no token");
});

test("an end is named by its signal or its code", () => {
  expect([wayOf(0), wayOf(137), wayOf(142), wayOf(250)]).toEqual([
    "code 0",
    "killed by SIGKILL",
    "killed by SIGALRM",
    "code 250",
  ]);
});
