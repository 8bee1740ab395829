/** A collector that is killed while a script runs: accepts the order given as base64, prints the script's pid, dies. */
import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { ScriptOrderSchema } from "@watchpost/proto";
import { openJournal } from "./journal.ts";
import { processMark } from "./orphan.ts";
import { startRun } from "./run.ts";

const [dir = "", order = ""] = process.argv.slice(2);
const message = fromBinary(ScriptOrderSchema, Buffer.from(order, "base64"));
const { script, executionId, nonce } = message;
if (!script) throw new Error("the order has no script");
const journal = openJournal({ dir, nowMs: 0 });
journal.accept({ executionId, nonce, expiresAtMs: Number(message.expiresAtMs) });
journal.started(executionId, 0);
const accepted = { kind: "accepted" as const, order: message, script, parameters: {}, schema: {}, targets: [] };
const run = startRun(accepted, { dir, onChunk: () => undefined });
const pid = run.pid ?? 0;
journal.runsAs(executionId, processMark(pid) ?? "");
for (let i = 0; i < 100 && !readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("sleep"); i += 1) await Bun.sleep(10);
process.stdout.write(String(pid), () => process.kill(process.pid, "SIGKILL"));
