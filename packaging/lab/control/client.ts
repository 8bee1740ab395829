import { join } from "node:path";
import type { ActiveFault, FaultRequest } from "../fault/index.ts";
import type { LabDevice, LabSiteConfig } from "../site-config.ts";
import type { UplinkPorts, UplinkTargets } from "../uplink/index.ts";
import { type ControlFile, readControlFile } from "./file.ts";
import type { KnownFault } from "./server.ts";

const TIMEOUT_MS = 5_000;

/** The lab said no, or there is none. `code` is stable; the message is for a person. */
export class LabControlError extends Error {
  override name = "LabControlError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A running lab in another process, by its data folder's `lab/control.json`. */
export class LabClient {
  readonly #control: ControlFile;
  readonly #dir: string;

  private constructor(control: ControlFile, dir: string) {
    this.#control = control;
    this.#dir = dir;
  }

  /** `dir` is the lab's own folder, such as `<data>/lab`. */
  static connect(dir: string): LabClient {
    const control = readControlFile(join(dir, "control.json"));
    if (!control) throw notRunning(dir);
    return new LabClient(control, dir);
  }

  /** Whether a lab answers in this folder; a lab that was killed leaves its file behind. */
  static async isRunning(dir: string): Promise<boolean> {
    try {
      await LabClient.connect(dir).uplinkPorts();
      return true;
    } catch (error) {
      if (error instanceof LabControlError) return false;
      throw error;
    }
  }

  devices = (): Promise<LabDevice[]> => this.#ask("GET", "devices");
  siteConfig = (): Promise<LabSiteConfig> => this.#ask("GET", "site-config");
  uplinkPorts = (): Promise<UplinkPorts> => this.#ask("GET", "uplink");
  setUplinkTargets = (targets: UplinkTargets): Promise<UplinkPorts> => this.#ask("PUT", "uplink/targets", targets);
  faults = (): Promise<{ known: KnownFault[]; active: ActiveFault[] }> => this.#ask("GET", "faults");
  inject = (name: string, request: FaultRequest = {}): Promise<ActiveFault> =>
    this.#ask("POST", "faults", { name, ...request });
  clear = (which?: string): Promise<ActiveFault[]> =>
    this.#ask("DELETE", which === undefined ? "faults" : `faults?which=${encodeURIComponent(which)}`);

  /** The answers' shapes are those of server.ts, which is the same program. */
  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#control.url), {
        method,
        headers: { authorization: `Bearer ${this.#control.token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw notRunning(this.#dir, error instanceof Error ? error.message : "no answer");
    }
    if (response.ok) return (await response.json()) as T;
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    throw new LabControlError(code, detail);
  }
}

function notRunning(dir: string, cause?: string): LabControlError {
  const reason = cause === undefined ? "" : ` (${cause})`;
  const next = "start it with `npm start` or `bun run lab run`, or name its data folder with --data";
  return new LabControlError("no-lab", `no lab runs in ${dir}${reason}; ${next}`);
}
