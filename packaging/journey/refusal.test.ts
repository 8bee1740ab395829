import { expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { scratchDir } from "../parts/index.ts";
import { spawnStart } from "./stack.ts";

async function refusal(args: string[]): Promise<{ code: number; said: string }> {
  const child = spawnStart(args);
  const said = await new Response(child.stderr).text();
  return { code: await child.exited, said };
}

test("help names every option and starts nothing", async () => {
  const child = spawnStart(["--help"]);
  const said = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  for (const option of ["--json", "--data", "--http-port", "--grpc-port", "--no-lab", "--open"])
    expect(said).toContain(option);
});

test("a port in use is named, and nothing is left behind", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const address = holder.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const dir = scratchDir("refused");
  const { code, said } = await refusal(["--data", dir, "--http-port", String(port)]);
  holder.close();
  expect(code).toBe(1);
  expect(said).toContain(`port ${port} on 127.0.0.1 cannot be used. Free it, or choose another with --http-port.`);
  expect(said).not.toContain("    at ");
  expect(existsSync(join(dir, "running.pid"))).toBe(false);
});

test("a data folder that cannot be made is one sentence", async () => {
  const file = join(scratchDir("refused"), "a-file");
  writeFileSync(file, "");
  const { code, said } = await refusal(["--data", join(file, "data")]);
  expect(code).toBe(1);
  expect(
    said
      .trim()
      .split("\n")
      .findLast((line) => line.startsWith("✗")),
  ).toContain("cannot be written to");
});

test("a second start on the same data folder is told who has it", async () => {
  const dir = scratchDir("refused");
  mkdirSync(dir, { recursive: true });
  // A process whose command line is that of a running start.
  const holder = Bun.spawn(["sleep", "60"], { argv0: join("packaging", "setup", "up", "main.ts") });
  writeFileSync(join(dir, "running.pid"), String(holder.pid));
  const { code, said } = await refusal(["--data", dir]);
  holder.kill();
  expect(code).toBe(1);
  expect(said).toContain(`process ${holder.pid}`);
});

test("a bad option is a usage error", async () => {
  const { code, said } = await refusal(["--http-port", "eighty"]);
  expect(code).toBe(2);
  expect(said).toContain("a port is a number");
});
