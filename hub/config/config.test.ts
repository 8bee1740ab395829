import { expect, test } from "bun:test";
import { configSchema, loadConfig, VARIABLES } from "./index.ts";

function problemsOf(environment: Record<string, string>, flags = {}): string[] {
  const loaded = loadConfig(environment, flags);
  return loaded.kind === "invalid" ? loaded.problems : [];
}

test("an empty environment gives loopback and no outside services", () => {
  const loaded = loadConfig({});
  expect(loaded).toMatchObject({ kind: "ok", config: { httpAddress: "127.0.0.1", serverNames: [], logLevel: "info" } });
  expect(loaded.kind === "ok" && loaded.config.databaseUrl).toBeUndefined();
});

test("a flag beats a variable, and a blank variable counts as none", () => {
  const loaded = loadConfig({ WATCHPOST_HTTP_PORT: "1", WATCHPOST_GRPC_PORT: "" }, { httpPort: "2" });
  expect(loaded).toMatchObject({ kind: "ok", config: { httpPort: 2 } });
  expect(loaded.kind === "ok" && loaded.config.grpcPort).toBeUndefined();
});

test("a misspelt variable is an error that names the one that was meant", () => {
  expect(problemsOf({ WATCHPOST_HTTP_PROT: "8080" })).toEqual([
    "the hub knows no variable WATCHPOST_HTTP_PROT. Did you mean WATCHPOST_HTTP_PORT?",
  ]);
  expect(problemsOf({ WATCHPOST_ZZZZZZZZZZZZZZZZZZ: "1" })[0]).toContain("hub serve --help");
  expect(problemsOf({ WATCHPOST_TOKEN: "wp1.x", OTHER: "1" })).toEqual([]);
});

test("every bad value is told at once with its variable, and secrets are not repeated", () => {
  const problems = problemsOf({
    WATCHPOST_HTTP_PORT: "seventy",
    WATCHPOST_LINK_ADDRESS: "everywhere",
    VM_URL: "ftp://x",
    DATABASE_URL: "mysql://u:secret@h/d",
  });
  expect(problems).toHaveLength(4);
  expect(problems.join("\n")).toMatch(
    /WATCHPOST_HTTP_PORT is "seventy"[^]*WATCHPOST_LINK_ADDRESS[^]*such as 127.0.0.1/,
  );
  expect(problems.join("\n")).not.toContain("secret");
});

test("names and URLs are taken apart and trimmed", () => {
  const loaded = loadConfig({ WATCHPOST_SERVER_NAMES: "hub.example.net, 10.0.0.1,", VM_URL: "http://vm:8428/" });
  expect(loaded).toMatchObject({ config: { serverNames: ["hub.example.net", "10.0.0.1"], vmUrl: "http://vm:8428" } });
  expect(problemsOf({ WATCHPOST_SERVER_NAMES: "a b" })).toHaveLength(1);
});

test("every setting has a variable", () => {
  expect(Object.keys(VARIABLES).toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
});
