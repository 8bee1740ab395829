import { loadConfig } from "../config/index.ts";
import { sayBadConfig } from "./run.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

/** Says whether a configuration is right, and if not where and why. */
export function checkConfig(terminal: Terminal, file: string, options: { json?: boolean }): number {
  const loaded = loadConfig(file, terminal.env);
  if (options.json) {
    const problems = loaded.kind === "invalid" ? loaded.problems : [];
    const error = loaded.kind === "unreadable" ? { error: loaded.message } : {};
    terminal.out(JSON.stringify({ file, ok: loaded.kind === "ok", problems, ...error }));
    return loaded.kind === "ok" ? OK : loaded.kind === "invalid" ? FAILED : USAGE;
  }
  if (loaded.kind !== "ok") return sayBadConfig(terminal, loaded);
  const { devices, credentials, rules } = loaded.config;
  terminal.out(
    `${file}: ${devices.length} devices, ${credentials.length} credentials, ${rules.length} rules; all right`,
  );
  return OK;
}
