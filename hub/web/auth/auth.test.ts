import { afterAll, beforeAll, expect, test } from "bun:test";
import { startTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.close());

const call = (path: string, init: RequestInit = {}) => fetch(hub.url + path, { redirect: "manual", ...init });
const form = (token: string, next = "/") => new URLSearchParams({ token, next });

test("opening a sign-in link spends nothing, its button does, once", async () => {
  const secret = await hub.signInSecret();
  for (let i = 0; i < 3; i += 1) {
    const page = await call(`/sign-in?token=${secret}&next=/incidents`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(`value="${secret}"`);
  }
  const headers = { origin: hub.url };
  const first = await call("/sign-in", { method: "POST", body: form(secret, "/incidents"), headers });
  expect([first.status, first.headers.get("location")]).toEqual([303, "/incidents"]);
  expect(first.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i);
  const second = await call("/sign-in", { method: "POST", body: form(secret), headers });
  expect(second.status).toBe(401);
  expect(await second.text()).toContain("was used already");
});

test.each(["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])(
  "sign-in never leads away to %s",
  async (next) => {
    const headers = { origin: hub.url };
    const response = await call("/sign-in", { method: "POST", body: form(await hub.signInSecret(), next), headers });
    expect(response.headers.get("location")).toBe("/");
  },
);

test("text in the link's address is shown as text", async () => {
  const page = await call(`/sign-in?token=${encodeURIComponent('"><script>alert(1)</script>')}`);
  expect(await page.text()).not.toContain("<script>");
});

test("a form on another page cannot sign in or change anything with the cookie", async () => {
  const cookie = await hub.signIn();
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { "sec-fetch-site": "cross-site", origin: hub.url },
    {},
  ];
  for (const headers of foreign) {
    const out = await call("/sign-out", { method: "POST", headers: { cookie, ...headers } });
    expect([out.status, out.headers.get("content-type")]).toEqual([403, "application/problem+json; charset=utf-8"]);
    const into = await call("/sign-in", { method: "POST", body: form(await hub.signInSecret()), headers });
    expect(into.status).toBe(403);
  }
});

test("signing out ends the session at the hub, not only in the browser", async () => {
  const cookie = await hub.signIn();
  expect((await call("/api/v1/nothing", { headers: { cookie } })).status).toBe(404);
  const out = await call("/sign-out", { method: "POST", headers: { cookie, "sec-fetch-site": "same-origin" } });
  expect([out.status, out.headers.get("location")]).toEqual([303, "/sign-in"]);
  expect((await call("/api/v1/nothing", { headers: { cookie } })).status).toBe(401);
});

test("a stranger gets 401, a stranger's browser the sign-in page with the way back", async () => {
  const program = await call("/api/v1/devices");
  expect([program.status, program.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="watchpost"']);
  expect(await program.json()).toMatchObject({ code: "unauthenticated", status: 401, instance: "/api/v1/devices" });
  const browser = await call("/incidents?status=new", { headers: { accept: "text/html,*/*" } });
  expect([browser.status, browser.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fincidents%3Fstatus%3Dnew"]);
});

test("a wrong bearer token is refused even when a good cookie comes with it", async () => {
  const cookie = await hub.signIn();
  const response = await call("/api/v1/nothing", { headers: { cookie, authorization: "Bearer wpt_wrong" } });
  expect(response.status).toBe(401);
});

test("an unknown path is a problem with its path, and every answer carries the strict headers", async () => {
  const response = await call("/api/v1/nothing", { headers: hub.bearer.viewer });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "not-found", instance: "/api/v1/nothing" });
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  expect(response.headers.get("x-frame-options")).toBe("DENY");
});

test("the twenty-first sign-in of a minute has to wait", async () => {
  const headers = { origin: hub.url };
  const tries = Array.from({ length: 25 }, () => call("/sign-in", { method: "POST", body: form("no"), headers }));
  const last = (await Promise.all(tries)).find((response) => response.status === 429);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await last?.json()).toMatchObject({ code: "too-many-requests" });
});
