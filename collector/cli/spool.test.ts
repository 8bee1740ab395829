import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { scratchDir } from "../../packaging/parts/index.ts";
import { systemClock } from "../clock.ts";
import { listOf } from "../sample/index.ts";
import { openSpool, type Spool } from "../spool/index.ts";
import { main } from "./index.ts";

async function collector(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line), env: {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

function open(dataDir: string): Spool {
  const log = pino({ level: "silent" });
  return openSpool({
    dir: join(dataDir, "spool"),
    bytesMax: 1e8,
    clock: systemClock,
    log,
    onGap: async () => undefined,
    bucketMs: 1,
  });
}

test("what the store rejected is listed with its words and put back in line, while the collector is stopped", async () => {
  const dataDir = scratchDir("cli-spool");
  const config = join(dataDir, "collector.yaml");
  writeFileSync(config, JSON.stringify({ name: "edge1", dataDir }));
  const series = listOf([{ name: "m", labels: { device: "sw1" } }]);
  const running = open(dataDir);
  for (const takenAtMs of [1_000, 2_000])
    await running.append({ device: "sw1", takenAtMs, series, values: Float64Array.of(takenAtMs) });
  for (const { id } of running.take(10)) await running.quarantine(id, "the store answered 400: too\u001b[31m old");
  expect(await collector("spool", "list", "--config", config)).toMatchObject({
    code: 1,
    err: expect.stringContaining("Does a collector run in this folder already?"),
  });
  running.close();

  const listed = await collector("spool", "list", "--config", config, "--json");
  const { blocks } = JSON.parse(listed.out) as { blocks: { id: number }[] };
  const reason = "the store answered 400: too\u001b[31m old";
  expect(blocks).toMatchObject([
    { samples: 1, fromMs: 1_000, reason },
    { samples: 1, fromMs: 2_000, reason },
  ]);
  const table = await collector("spool", "list", "--config", config);
  expect(table.out).toContain("1970-01-01T00:00:02.000Z");
  expect(table.out).not.toContain("\u001b");

  const first = String(blocks[0]?.id);
  expect(await collector("spool", "replay", "999", "--config", config)).toMatchObject({ code: 1 });
  expect(await collector("spool", "replay", "x", "--config", config)).toMatchObject({ code: 2 });
  const one = await collector("spool", "replay", first, "--config", config, "--json");
  expect(JSON.parse(one.out)).toEqual({ replayed: 1 });
  expect((await collector("spool", "replay", "--config", config)).out).toContain("1 blocks are back in line");
  expect((await collector("spool", "list", "--config", config)).out).toBe("Nothing is put aside.");
  const again = open(dataDir);
  expect(again.pending()).toMatchObject({ samples: 2, quarantinedBlocks: 0 });
  again.close();
});
