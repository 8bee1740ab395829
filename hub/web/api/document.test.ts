import { afterAll, beforeAll, expect, test } from "bun:test";
import { createApp } from "../app.ts";
import { startTestHub, type TestHub } from "../test-hub.ts";

interface Operation {
  summary?: string;
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; schema?: unknown }[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: unknown }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

/** Paths that answer strangers; the rest of the app must not. */
const PUBLIC = ["/healthz", "/readyz", "/sign-in", "/assets/:hash/:name"];

let hub: TestHub;
let document: Document;
beforeAll(async () => {
  hub = await startTestHub();
  const response = await fetch(`${hub.url}/api/openapi.json`, { headers: hub.bearer.viewer });
  document = (await response.json()) as Document;
});
afterAll(() => hub.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, method, operation })),
  );

/** Every route that the app really has, middlewares aside. */
function routes(): { method: string; path: string }[] {
  const app = createApp(hub.deps);
  const all = app.routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"));
  return [...new Map(all.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

const concrete = (path: string) => path.replaceAll(/:[a-zA-Z]+(\{[^}]*\})?/g, "01a205fb-fea7-740f-9641-2c30e49a4bab");

test("every route refuses a stranger, except the named public ones", async () => {
  const all = routes();
  expect(all.length).toBeGreaterThan(40);
  for (const { method, path } of all) {
    const response = await fetch(hub.url + concrete(path), { method, redirect: "manual" });
    await response.body?.cancel();
    const isPublic = PUBLIC.includes(path);
    // A stranger's POST to /sign-in is a form of another page: refused for that, not for want of a session.
    const told = isPublic ? response.status !== 401 : response.status === 401;
    expect([method, path, response.status, told]).toEqual([method, path, response.status, true]);
  }
});

test("every route sends a stranger's browser to the sign-in page", async () => {
  for (const { path } of routes().filter(({ method, path }) => method === "GET" && !PUBLIC.includes(path))) {
    if (path.startsWith("/api/")) continue;
    const response = await fetch(hub.url + concrete(path), { redirect: "manual", headers: { accept: "text/html" } });
    expect([path, response.status, response.headers.get("location")?.startsWith("/sign-in")]).toEqual([
      path,
      303,
      true,
    ]);
  }
});

test("no route that changes something is open to a viewer", async () => {
  const changing = routes().filter(({ method, path }) => method !== "GET" && !PUBLIC.includes(path));
  const allowed: string[] = [];
  for (const { method, path } of changing) {
    const headers = { ...hub.bearer.viewer, "content-type": "application/json" };
    const response = await fetch(hub.url + concrete(path), { method, headers, body: "{}", redirect: "manual" });
    await response.body?.cancel();
    if (response.status !== 403) allowed.push(`${method} ${path} ${response.status}`);
  }
  const harmless = /^POST (\/sign-out|\/evidence\/:id\/run|\/api\/v1\/evidence\/:id\/rerun) /;
  expect(allowed.filter((route) => !harmless.test(route))).toEqual([]);
});

test("the document is OpenAPI 3.1 and tells of every API route", () => {
  expect(document.openapi).toBe("3.1.0");
  const told = new Set(operations().map(({ name }) => name));
  const missing = routes()
    .filter(({ path }) => path.startsWith("/api/") && path !== "/api/openapi.json")
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:([a-zA-Z]+)/g, "{$1}")}`)
    .filter((name) => !told.has(name));
  expect(missing).toEqual([]);
  for (const name of ["get /healthz", "get /ai-stream", "post /analyze"]) expect(told).toContain(name);
});

test("every operation has a summary, security, typed answers and the problem answer", () => {
  for (const { name, path, operation } of operations()) {
    const isPublic = PUBLIC.includes(path);
    expect([name, operation.security?.length ?? -1]).toEqual([name, isPublic ? 0 : 2]);
    expect([name, (operation.summary ?? "").length > 5]).toEqual([name, true]);
    expect([name, operation.responses["default"]?.content?.["application/problem+json"]?.schema]).not.toEqual([
      name,
      undefined,
    ]);
    for (const [status, response] of Object.entries(operation.responses)) {
      const schemas = Object.values(response.content ?? {}).map((content) => content.schema);
      const isTyped = status === "204" ? schemas.length === 0 : schemas.length > 0 && schemas.every(Boolean);
      expect([name, status, isTyped, Boolean(response.description)]).toEqual([name, status, true, true]);
    }
  }
});

test("every path parameter is declared, every body is required, every reference leads somewhere", () => {
  for (const { name, path, operation } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === "path")
      .map(({ name }) => name);
    expect([name, ...declared]).toEqual([name, ...inPath.map(String)]);
    if (operation.requestBody) expect([name, operation.requestBody.required]).toEqual([name, true]);
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name] of references) expect(Object.keys(document.components.schemas)).toContain(String(name));
  expect(Object.keys(document.components.securitySchemes).toSorted()).toEqual(["bearer", "session"]);
});
