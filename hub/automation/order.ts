import { randomBytes } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { ScriptOrderSchema, ScriptSchema } from "@watchpost/proto";
import { canonicalJson } from "./canonical.ts";
import type { ApprovalRow, ScriptVersionRow } from "./view.ts";

const NONCE_BYTES = 16;

export interface OrderParts {
  executionId: string;
  approval: ApprovalRow;
  script: { name: string; version: ScriptVersionRow };
  site: string;
  issuedAtMs: number;
}

/** The very bytes that are signed, sent, and checked at the site. */
export function orderBytes({ executionId, approval, script, site, issuedAtMs }: OrderParts): Uint8Array {
  const { version } = script;
  const order = create(ScriptOrderSchema, {
    executionId,
    nonce: randomBytes(NONCE_BYTES),
    site,
    collectorId: approval.collectorId,
    approvalId: approval.id,
    parametersJson: canonicalJson(approval.parameters),
    targets: approval.targets,
    issuedAtMs: BigInt(issuedAtMs),
    expiresAtMs: BigInt(approval.expiresAt.getTime()),
    script: create(ScriptSchema, {
      name: script.name,
      version: version.version,
      argv: version.argv,
      body: version.body,
      parameterSchemaJson: canonicalJson(version.parameterSchema),
      timeoutMs: version.timeoutMs,
      outputBytesMax: version.outputBytesMax,
    }),
  });
  return toBinary(ScriptOrderSchema, order);
}
