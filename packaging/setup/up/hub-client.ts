import { z } from "zod";
import { StartRefused } from "./refused.ts";

/** The line that `hub serve --json` prints when all its listeners stand. */
export const hubReadySchema = z.looseObject({
  url: z.url(),
  signInUrl: z.url(),
  apiToken: z.string().min(1),
  grpc: z.string(),
  link: z.string(),
  gateway: z.string(),
  vmUrl: z.string().nullable(),
  databaseUrl: z.string(),
});

export type HubReady = z.output<typeof hubReadySchema>;

/** A call to the hub's REST API with the token of this start. */
export async function callHub(hub: HubReady, method: "GET" | "POST", path: string, body?: unknown): Promise<Response> {
  return fetch(new URL(path, hub.url), {
    method,
    headers: { authorization: `Bearer ${hub.apiToken}`, "content-type": "application/json" },
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

export async function mustSucceed(response: Response, what: string): Promise<unknown> {
  if (response.ok) return response.json();
  throw new StartRefused(`${what}: the hub answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
}

/** A one-time enrolment token for the site; the site is made when it is new. */
export async function enrollmentToken(hub: HubReady, site: string): Promise<string> {
  const response = await callHub(hub, "POST", "/api/v1/enrollment-tokens", { site });
  return z
    .looseObject({ token: z.string() })
    .parse(await mustSucceed(response, `asking for an enrolment token for ${site}`)).token;
}

const devicesSchema = z.looseObject({ devices: z.array(z.looseObject({ state: z.string() })) });

/** Waits until every device answers, or until the deadline; then says how many do. */
export async function untilDevicesAnswer(hub: HubReady, wanted: number, deadlineMs: number): Promise<{ up: number }> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const response = await callHub(hub, "GET", "/api/v1/devices?limit=100");
    const { devices } = devicesSchema.parse(await mustSucceed(response, "listing devices"));
    const up = devices.filter((device) => device.state === "up").length;
    if (up >= wanted || performance.now() > deadline) return { up };
    await Bun.sleep(250);
  }
}
