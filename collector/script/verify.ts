import { createPublicKey, verify as verifySignature } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { type Script, type ScriptOrder, ScriptOrderSchema, type SignedOrder, type SigningKey } from "@watchpost/proto";
import { compileParameterSchema, ORDER_LIFETIME_MS_MAX, orderSigningInput, renderArgv } from "@watchpost/proto/script";
import { PARAMETERS_BYTES_MAX, type Parameters } from "@watchpost/proto/script";
import { TARGETS_MAX } from "./limits.ts";

export type RefusalCode =
  | "signature"
  | "wrong-site"
  | "expired"
  | "replayed"
  | "disabled"
  | "not-allowed"
  | "busy"
  | "target"
  | "parameters";

export interface Refused {
  kind: "refused";
  code: RefusalCode;
  reason: string;
  /** As the order claims; empty when it cannot be read. Not proven when the code is "signature". */
  executionId: string;
}

/** An order that passed every check, with all that a run needs. */
export interface Accepted {
  kind: "accepted";
  order: ScriptOrder;
  script: Script;
  parameters: Parameters;
  schema: Record<string, unknown>;
  targets: { name: string; address: string }[];
}

export interface OrderRules {
  site: string;
  collectorId: string;
  signingKeys: readonly SigningKey[];
  enabled: boolean;
  allow: readonly string[];
  /** Hub clock as this side knows it, Unix milliseconds. */
  hubNowMs: number;
  isNonceKnown(nonce: Uint8Array): boolean;
  /** Why nothing more can be taken now; undefined when there is room. */
  busy(): string | undefined;
  deviceAddress(name: string): string | undefined;
}

type Check = (order: ScriptOrder, script: Script, rules: OrderRules) => [RefusalCode, string] | undefined;

const CHECKS: Check[] = [checkPlace, checkTime, checkNonce, checkPermission, checkRoom];

/** Decides over one order. Nothing in it is believed before the signature is, and nothing is changed here. */
export function verifyOrder(signed: SignedOrder, rules: OrderRules): Accepted | Refused {
  const order = decode(signed.order);
  const executionId = order?.executionId.slice(0, 64) ?? "";
  const refuse = (code: RefusalCode, reason: string): Refused => ({ kind: "refused", code, reason, executionId });

  const untrusted = signatureError(signed, rules.signingKeys);
  if (untrusted !== undefined) return refuse("signature", untrusted);
  const script = order?.script;
  if (!order || !script) return refuse("signature", "the signed bytes are not a script order with a script in it.");
  for (const check of CHECKS) {
    const problem = check(order, script, rules);
    if (problem) return refuse(...problem);
  }
  const targets = resolveTargets(order, rules);
  if (typeof targets === "string") return refuse("target", targets);
  const checked = checkParameters(order, script);
  if (checked.kind === "invalid") return refuse("parameters", checked.reason);
  const rendered = renderArgv(script.argv, { ...checked, bodyPath: "/body", target: onlyOne(targets) });
  if (rendered.kind === "refused") return refuse("parameters", rendered.reason);
  return { kind: "accepted", order, script, targets, parameters: checked.parameters, schema: checked.schema };
}

/** `{{target.*}}` has a meaning only when the order names exactly one device. */
export function onlyOne<T>(targets: readonly T[]): T | undefined {
  return targets.length === 1 ? targets[0] : undefined;
}

function decode(bytes: Uint8Array): ScriptOrder | undefined {
  try {
    return fromBinary(ScriptOrderSchema, bytes);
  } catch {
    // Not an order; verifyOrder says so, with the right code.
    return undefined;
  }
}

function signatureError(signed: SignedOrder, keys: readonly SigningKey[]): string | undefined {
  const key = keys.find((candidate) => candidate.keyId === signed.keyId);
  if (!key)
    return `key ${JSON.stringify(signed.keyId.slice(0, 32))} is not among the ${keys.length} trusted signing keys.`;
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(key.publicKey).toString("base64url") },
    format: "jwk",
  });
  const valid = verifySignature(null, orderSigningInput(signed.order), publicKey, signed.signature);
  return valid ? undefined : `the signature by key ${key.keyId} does not fit the order: it was changed after signing.`;
}

function checkPlace(order: ScriptOrder, _script: Script, rules: OrderRules): [RefusalCode, string] | undefined {
  if (order.site === rules.site && order.collectorId === rules.collectorId) return undefined;
  const [theirs, ours] = [`${order.site}/${order.collectorId}`, `${rules.site}/${rules.collectorId}`];
  return ["wrong-site", `the order is for ${theirs}; this collector is ${ours}.`];
}

function checkTime(order: ScriptOrder, _script: Script, rules: OrderRules): [RefusalCode, string] | undefined {
  const [issuedMs, expiresMs] = [Number(order.issuedAtMs), Number(order.expiresAtMs)];
  if (expiresMs - issuedMs > ORDER_LIFETIME_MS_MAX)
    return ["expired", `the order would live ${expiresMs - issuedMs} ms; at most ${ORDER_LIFETIME_MS_MAX} are taken.`];
  if (rules.hubNowMs < expiresMs) return undefined;
  const lateMs = rules.hubNowMs - expiresMs;
  return ["expired", `the order expired ${lateMs} ms ago by the hub's clock. Ask for a new approval.`];
}

function checkNonce(order: ScriptOrder, _script: Script, rules: OrderRules): [RefusalCode, string] | undefined {
  if (order.nonce.length !== 16) return ["replayed", `the nonce has ${order.nonce.length} bytes instead of 16.`];
  if (!rules.isNonceKnown(order.nonce)) return undefined;
  return ["replayed", "an order with this nonce was accepted before; each runs once."];
}

function checkPermission(_order: ScriptOrder, script: Script, rules: OrderRules): [RefusalCode, string] | undefined {
  if (!rules.enabled) return ["disabled", "scripts.enabled is false in this collector's configuration."];
  if (rules.allow.includes(script.name)) return undefined;
  const name = script.name.slice(0, 63);
  return ["not-allowed", `script ${JSON.stringify(name)} is not on scripts.allow in this collector's configuration.`];
}

function checkRoom(_order: ScriptOrder, _script: Script, rules: OrderRules): [RefusalCode, string] | undefined {
  const busy = rules.busy();
  return busy === undefined ? undefined : ["busy", busy];
}

function resolveTargets(order: ScriptOrder, rules: OrderRules): Accepted["targets"] | string {
  if (order.targets.length > TARGETS_MAX)
    return `the order names ${order.targets.length} devices; at most ${TARGETS_MAX} are taken.`;
  const targets: Accepted["targets"] = [];
  for (const name of order.targets) {
    const address = rules.deviceAddress(name);
    if (address === undefined)
      return `device ${JSON.stringify(name.slice(0, 63))} is not configured at this collector.`;
    targets.push({ name, address });
  }
  return targets;
}

type CheckedParameters =
  | { kind: "valid"; parameters: Parameters; schema: Record<string, unknown> }
  | { kind: "invalid"; reason: string };

function checkParameters(order: ScriptOrder, script: Script): CheckedParameters {
  if (order.parametersJson.length > PARAMETERS_BYTES_MAX)
    return { kind: "invalid", reason: `parameters have more than ${PARAMETERS_BYTES_MAX} bytes.` };
  const schema = parseObject(script.parameterSchemaJson);
  const values = parseObject(order.parametersJson);
  if (!schema || !values) return { kind: "invalid", reason: "parameters and their schema must be JSON objects." };
  const compiled = compileParameterSchema(schema);
  if (compiled.kind === "unusable") return { kind: "invalid", reason: compiled.reason };
  const checked = compiled.check(values);
  if (checked.kind === "valid") return { kind: "valid", parameters: checked.parameters, schema };
  const reason = checked.errors.map((error) => `${error.parameter} ${error.expected}`.trim()).join("; ");
  return { kind: "invalid", reason: `parameters: ${reason.slice(0, 500)}.` };
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Said by the caller, as one of the ways a value is not a JSON object.
    return undefined;
  }
}
