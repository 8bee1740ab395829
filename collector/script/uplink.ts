import type { ScriptOutput, ScriptResult } from "@watchpost/proto";

export interface ScriptUplink {
  /** False when it was not handed to the hub; the chunk is kept and sent again with `resend`. */
  output(output: ScriptOutput): boolean;
  result(result: ScriptResult): boolean;
}
