import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Stack, startStack, until } from "./stack.ts";

const BACK_WITHIN_MS = 30_000;
const pageSchema = z.object({
  link: z.object({ isUp: z.boolean() }),
  config: z.object({ version: z.int() }),
});
const collectorsSchema = z.object({
  collectors: z.array(
    z.object({
      id: z.string(),
      configVersion: z.int(),
      pushedConfig: z.object({ state: z.string(), reason: z.string() }).optional(),
    }),
  ),
});

let stack: Stack;
let code: Promise<number> | undefined;

beforeAll(async () => {
  stack = await startStack({ args: ["--no-lab"] });
  await linkIsUp();
}, 150_000);

afterAll(async () => {
  await (code ?? stack.stop());
}, 60_000);

test("a collector that is killed is started again; killed twice on a new configuration it goes back, and the hub knows", async () => {
  const { collectors } = collectorsSchema.parse(await (await stack.api("/api/v1/collectors")).json());
  const path = `/api/v1/collectors/${collectors[0]?.id}/config`;
  const pushed = await stack.api(path, { method: "POST", body: { yaml: "poll: { intervalMs: 7000 }" } });
  const { version } = z.object({ version: z.int() }).parse(await pushed.json());
  for (let kill = 0; kill < 2; kill += 1) {
    await until(`configuration ${version} on trial`, BACK_WITHIN_MS, async () =>
      (await collectorPage())?.config.version === version ? true : undefined,
    );
    process.kill(pidOf("collector"), "SIGKILL");
    await until("its end", BACK_WITHIN_MS, async () => ((await collectorPage()) === undefined ? true : undefined));
  }
  await linkIsUp();
  expect((await collectorPage())?.config.version).toBe(0);
  const told = await until("the refusal at the hub", BACK_WITHIN_MS, async () => {
    const answer = collectorsSchema.parse(await (await stack.api("/api/v1/collectors")).json());
    return answer.collectors.find(({ pushedConfig }) => pushedConfig?.state === "refused");
  });
  expect(told.configVersion).toBe(0);
  expect(told.pushedConfig?.reason).toStartWith("rolled back: the collector ended 2 times ");
}, 90_000);

test("a hub that is killed is started again at the same address, for the same token, and its collector comes back", async () => {
  const pid = pidOf("hub");
  process.kill(pid, "SIGKILL");
  await until("another hub", BACK_WITHIN_MS, async () => isAnother("hub", pid));
  await until("the hub's API", BACK_WITHIN_MS, async () => {
    const answer = await stack.api("/api/v1/collectors").catch(() => undefined);
    const body = answer?.ok === true ? await answer.text() : "";
    return body.includes('"status":"streaming"') ? body : undefined;
  });
}, 90_000);

test("a stop ends all of it with 0; each end by itself was one sentence", async () => {
  code = stack.stop();
  expect(await code).toBe(0);
  const said = (await stack.said).split("\n").filter((line) => line.startsWith("!"));
  expect(said).toEqual([
    "! the collector ended by itself (killed by SIGKILL); it is started again in 1 s (start 1 of at most 4 in a row).",
    "! the collector ended by itself (killed by SIGKILL); it is started again in 2 s (start 2 of at most 4 in a row).",
    "! the hub ended by itself (killed by SIGKILL); it is started again in 1 s (start 1 of at most 4 in a row).",
  ]);
}, 60_000);

/** The process that the start has for this part. */
function pidOf(part: "collector" | "hub"): number {
  const { pid } = stack;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes(`${part}/main.ts`));
  return found ?? 0;
}

function isAnother(part: "collector" | "hub", pid: number): true | undefined {
  const now = pidOf(part);
  return now !== 0 && now !== pid ? true : undefined;
}

async function linkIsUp(): Promise<void> {
  await until("the collector's link", BACK_WITHIN_MS, async () =>
    (await collectorPage())?.link.isUp ? true : undefined,
  );
}

/** What the collector says of itself; undefined while there is none. */
async function collectorPage(): Promise<z.output<typeof pageSchema> | undefined> {
  const page = await fetch(new URL("/status.json", stack.collectorStatusUrl)).catch(() => undefined);
  return page && pageSchema.parse(await page.json());
}
