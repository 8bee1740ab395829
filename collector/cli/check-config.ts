import { loadConfig } from "../config/index.ts";
import { loadSiteProfiles } from "../profile/index.ts";
import { sayBadConfig } from "./run.ts";
import { FAILED, OK, type Terminal, USAGE } from "./terminal.ts";

/** Says whether a configuration is right, and if not where and why. */
export function checkConfig(terminal: Terminal, file: string, options: { json?: boolean }): number {
  const loaded = loadConfig(file, terminal.env);
  const profiles = loaded.kind === "ok" ? loadSiteProfiles(loaded.config.profiles.folder).problems : [];
  const isRight = loaded.kind === "ok" && profiles.length === 0;
  if (options.json) {
    const problems = loaded.kind === "invalid" ? loaded.problems : [];
    const error = loaded.kind === "unreadable" ? { error: loaded.message } : {};
    terminal.out(JSON.stringify({ file, ok: isRight, problems, profiles, ...error }));
    return isRight ? OK : loaded.kind === "unreadable" ? USAGE : FAILED;
  }
  if (loaded.kind !== "ok") return sayBadConfig(terminal, loaded);
  for (const problem of profiles) terminal.err(problem);
  if (!isRight) return FAILED;
  const { devices, credentials, rules } = loaded.config;
  terminal.out(
    `${file}: ${devices.length} devices, ${credentials.length} credentials, ${rules.length} rules; all right`,
  );
  return OK;
}
