import { oid, type SnmpCredential, type SnmpEngine, type Target } from "../device/snmp/index.ts";

export type Tried =
  | { kind: "answered"; target: Target }
  /** An agent is there, and none of the credentials fits. */
  | { kind: "rejected" }
  | { kind: "silent" }
  | { kind: "closed" };

export interface Asking {
  engine: SnmpEngine;
  credentials: readonly SnmpCredential[];
  timeoutMs: number;
  retries: number;
}

const ORDER: Record<SnmpCredential["version"], number> = { v3: 0, v2c: 1, v1: 2 };
const UPTIME = oid("1.3.6.1.2.1.1.3.0");
const AUTHORIZATION_ERROR = 16;

/** The site's credentials, the safest version first, each version in the order of the file. */
export function inOrder(credentials: readonly SnmpCredential[]): SnmpCredential[] {
  return credentials.toSorted((a, b) => ORDER[a.version] - ORDER[b.version]);
}

/** Asks one agent with one credential after the other until it answers. */
export async function tryCredentials(asking: Asking, endpoint: { address: string; port: number }): Promise<Tried> {
  const { engine, timeoutMs, retries } = asking;
  let isAgent = false;
  let skipsV3 = false;
  for (const credential of asking.credentials) {
    if (skipsV3 && credential.version === "v3") continue;
    const target: Target = { name: endpoint.address, ...endpoint, credential, timeoutMs, retries };
    const outcome = await engine.get(target, [UPTIME]);
    switch (outcome.kind) {
      case "ok":
        return { kind: "answered", target };
      case "error-status":
        if (outcome.status !== AUTHORIZATION_ERROR) return { kind: "answered", target };
        isAgent = true;
        break;
      case "unauthenticated":
      case "garbage":
        isAgent = true;
        break;
      case "timeout":
        // Discovery needs no user: who is silent to it knows no SNMPv3, or is not there.
        skipsV3 ||= credential.version === "v3";
        break;
      case "refused":
        return { kind: "silent" };
      case "closed":
        return { kind: "closed" };
    }
  }
  return { kind: isAgent ? "rejected" : "silent" };
}
