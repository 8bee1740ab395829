import { create } from "@bufbuild/protobuf";
import { type ConfigPush, type ConfigResult, ConfigResultSchema } from "@watchpost/proto";
import type { ConfigOutcome } from "./api.ts";

/** Applies pushed configurations one at a time; one that was overtaken while it waited is left out. */
export class ConfigQueue {
  private readonly apply: (push: ConfigPush) => Promise<ConfigOutcome>;
  private readonly report: (result: ConfigResult) => void;
  private waiting: ConfigPush | undefined;
  private running = false;

  constructor(apply: (push: ConfigPush) => Promise<ConfigOutcome>, report: (result: ConfigResult) => void) {
    this.apply = apply;
    this.report = report;
  }

  push(push: ConfigPush): void {
    this.waiting = push;
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting) {
      const push = this.waiting;
      this.waiting = undefined;
      this.report(await this.outcome(push));
    }
    this.running = false;
  }

  private async outcome(push: ConfigPush): Promise<ConfigResult> {
    const { version } = push;
    try {
      const outcome = await this.apply(push);
      const reason = outcome.applied ? "" : outcome.reason;
      return create(ConfigResultSchema, { version, applied: outcome.applied, reason });
    } catch (error) {
      const reason = `the collector failed while applying it: ${error instanceof Error ? error.message : String(error)}`;
      return create(ConfigResultSchema, { version, applied: false, reason });
    }
  }
}
