import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { scratchDir } from "../../packaging/parts/index.ts";

const fixture = fileURLToPath(import.meta.resolve("./blocked.fixture.ts"));
const WITHIN_MS = 30_000;

test("a configuration that blocks the event loop for ever is ended by the system, and given up at the next start but one", async () => {
  const dir = scratchDir("watchdog");
  const ends: string[] = [];
  const from = performance.now();
  for (let start = 0; start < 3; start += 1) {
    const child = Bun.spawn([process.execPath, fixture, dir, "4", "poll: { intervalMs: 7777 }"], { stdout: "pipe" });
    const said = await new Response(child.stdout).text();
    await child.exited;
    ends.push(String(child.signalCode ?? said));
  }
  expect(ends.slice(0, 2)).toEqual(["SIGALRM", "SIGALRM"]);
  expect(JSON.parse(ends[2] ?? "")).toEqual({
    applied: false,
    reason: "rolled back: the collector ended 2 times before configuration 4 had proven itself",
  });
  expect(performance.now() - from).toBeLessThan(WITHIN_MS);
}, 40_000);
