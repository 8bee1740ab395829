import type { Hub } from "../hub.ts";

const CHECK_TIMEOUT_MS = 2_000;

export interface Check {
  name: "postgres" | "metrics-store";
  /** off: not configured, and the hub works without it. */
  state: "ok" | "failed" | "off";
  detail: string;
}

export interface Readiness {
  /** False when the hub cannot do its main work: take events and show them. */
  ready: boolean;
  checks: Check[];
}

/** Asks what the hub stands on. A metrics store that is away does not make the hub unready: events still count. */
export async function checkReady(hub: Pick<Hub, "sql" | "metrics">): Promise<Readiness> {
  const checks = await Promise.all([
    check("postgres", async () => void (await hub.sql`select 1`)),
    hub.metrics === undefined
      ? ({ name: "metrics-store", state: "off", detail: "none; install victoria-metrics or set VM_URL" } as const)
      : check("metrics-store", storeAnswers(hub.metrics.url)),
  ]);
  return { ready: checks.every((c) => c.name !== "postgres" || c.state === "ok"), checks };
}

function storeAnswers(url: string): () => Promise<void> {
  return async () => {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`${url}/health answered ${response.status}`);
  };
}

async function check(name: Check["name"], ask: () => Promise<void>): Promise<Check> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([ask(), late]);
    return { name, state: "ok", detail: "" };
  } catch (error) {
    return { name, state: "failed", detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
