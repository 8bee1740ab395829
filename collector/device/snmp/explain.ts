import type { SnmpCredential, Target } from "./credential.ts";
import type { Failure } from "./outcome.ts";
import { explainReport, type Report } from "./usm/report.ts";

/** What was heard of an agent during one exchange that did not succeed. */
export interface Heard {
  garbage: number;
  elsewhere: number;
  unauthentic: number;
  discovered: boolean;
}

const VERSION_NAMES: Record<SnmpCredential["version"], string> = { v1: "SNMPv1", v2c: "SNMPv2c", v3: "SNMPv3" };

function subject(target: Target): string {
  return `device ${target.name} (${target.address}:${target.port})`;
}

/** The message for tries that all ran out, told from what was heard meanwhile. */
export function explainSilence(target: Target, tries: number, heard: Heard): Failure {
  const { credential } = target;
  const version = VERSION_NAMES[credential.version];
  const what = `no ${version} answer in ${tries} ${tries === 1 ? "try" : "tries"} of ${target.timeoutMs.toLocaleString("en")} ms`;
  const retry = `Try: collector once --device ${target.name}`;
  if (heard.garbage > 0)
    return {
      kind: "garbage",
      message: `${subject(target)}: ${what} could be read; ${heard.garbage} replies were malformed or answered something else. Is port ${target.port} an SNMP agent? ${retry}`,
    };
  if (credential.version === "v3" && (heard.unauthentic > 0 || heard.discovered))
    return {
      kind: "unauthenticated",
      report: "none",
      message: `${subject(target)}: ${what}; the agent did answer discovery, so user "${credential.user}" or its ${credential.privProtocol === "none" ? "authentication" : "privacy"} password or protocol is the likely cause. ${retry}`,
    };
  const elsewhere =
    heard.elsewhere > 0 ? `; ${heard.elsewhere} answers came from another address and were not believed` : "";
  const secret =
    credential.version === "v3" ? `user "${credential.user}"` : `the community of credential "${credential.name}"`;
  return {
    kind: "timeout",
    message: `${subject(target)}: ${what}${elsewhere}. The device is off, unreachable or filtered, or ${secret} is wrong: agents do not answer those. ${retry}`,
  };
}

export function explainRefusal(target: Target): Failure {
  return {
    kind: "refused",
    message: `${subject(target)}: the host answers, but nobody listens on UDP port ${target.port} (ICMP port unreachable). Start its SNMP agent or correct the port.`,
  };
}

export function explainUnauthenticated(target: Target, report: Report): Failure {
  const user = target.credential.version === "v3" ? target.credential.user : "";
  return { kind: "unauthenticated", report, message: `${subject(target)}: ${explainReport(report, user)}.` };
}

export function explainErrorStatus(target: Target, status: number, index: number): Failure {
  const name = ERROR_NAMES[status] ?? `error ${status}`;
  return {
    kind: "error-status",
    status,
    index,
    message: `${subject(target)}: the agent answered ${name} for variable ${index}. ${errorHint(status, target.credential)}`,
  };
}

const AUTHORIZATION_ERROR = 16;

function errorHint(status: number, credential: SnmpCredential): string {
  if (status !== AUTHORIZATION_ERROR) return `The view of credential "${credential.name}" may not include it.`;
  return `Credential "${credential.name}" has no access there: its security level is too low, or no view is given to it.`;
}

export function explainGarbage(target: Target, what: string): Failure {
  return { kind: "garbage", message: `${subject(target)}: ${what}. Look for a newer firmware of the agent.` };
}

export function explainClosed(target: Target, reason: string): Failure {
  return { kind: "closed", message: `${subject(target)}: not asked, ${reason}.` };
}

const ERROR_NAMES: Record<number, string> = {
  1: "tooBig",
  2: "noSuchName",
  3: "badValue",
  4: "readOnly",
  5: "genErr",
  6: "noAccess",
  13: "resourceUnavailable",
  16: "authorizationError",
};
