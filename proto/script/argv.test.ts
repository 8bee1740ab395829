import { expect, test } from "bun:test";
import { type ArgvValues, renderArgv } from "./argv.ts";
import { compileParameterSchema } from "./parameters.ts";

const schema = {
  type: "object",
  additionalProperties: false,
  required: ["host"],
  properties: {
    host: { type: "string", maxLength: 200 },
    flag: { type: "string", enum: ["-4", "-6"] },
    count: { type: "integer", minimum: 1, maximum: 10, default: 3 },
    offset: { type: "integer", minimum: -5 },
  },
};
const values = (parameters: ArgvValues["parameters"]): ArgvValues => ({
  parameters,
  schema,
  bodyPath: "/tmp/body",
  target: { name: "core-sw1", address: "127.1.0.1" },
});

test.each(["a b", "a; reboot", "$(reboot)", "`reboot`", "a\nb", "'\"", "{{body}}", "{{count}}", "$&$1"])(
  "the value %j stays one argument, as it is",
  (host) => {
    const rendered = renderArgv(["ping", "--to={{host}}", "{{host}}"], values({ host }));
    expect(rendered).toEqual({ kind: "rendered", argv: ["ping", `--to=${host}`, host] });
  },
);

test("a value that would become an option is refused, unless the schema lists it", () => {
  const refused = renderArgv(["ping", "{{host}}"], values({ host: "--config=/etc/shadow" }));
  expect(refused).toMatchObject({ kind: "refused", reason: expect.stringContaining("begin its argument with a dash") });
  expect(renderArgv(["ping", "{{flag}}"], values({ flag: "-6" }))).toEqual({ kind: "rendered", argv: ["ping", "-6"] });
  expect(renderArgv(["seq", "{{offset}}"], values({ offset: -2 })).kind).toBe("rendered");
  expect(renderArgv(["ping", "--to={{host}}"], values({ host: "-x" })).kind).toBe("rendered");
});

test("a zero byte, a missing value and a missing target are refused by name", () => {
  expect(renderArgv(["ping", "{{host}}"], values({ host: "a\0b" }))).toMatchObject({
    reason: expect.stringMatching(/host holds a zero byte/),
  });
  expect(renderArgv(["ping", "{{constructor}}"], values({}))).toMatchObject({
    reason: expect.stringMatching(/a value for constructor/),
  });
  expect(renderArgv(["ping", "{{target.address}}"], { ...values({}), target: undefined })).toMatchObject({
    reason: expect.stringMatching(/exactly one target device/),
  });
});

test("parameters are checked against a closed schema, and defaults are filled in", () => {
  const compiled = compileParameterSchema(schema);
  if (compiled.kind === "unusable") throw new Error(compiled.reason);
  expect(compiled.check({ host: "a" })).toEqual({ kind: "valid", parameters: { host: "a", count: 3 } });
  expect(compiled.check({ host: 5, extra: 1, count: 11 })).toEqual({
    kind: "invalid",
    errors: [
      { parameter: "extra", expected: "is not a parameter of this script" },
      { parameter: "host", expected: "must be string" },
      { parameter: "count", expected: "must be <= 10" },
    ],
  });
  expect(compiled.check([]).kind).toBe("invalid");
});

test.each([
  [{ type: "array" }, /"type" must be "object"/],
  [{ type: "object" }, /additionalProperties/],
  [{ type: "object", additionalProperties: false, properties: { a: { type: "object" } } }, /parameter a: "type"/],
  [{ type: "object", additionalProperties: false, properties: { "a.b": { type: "string" } } }, /names are a-z/],
  [{ type: "object", additionalProperties: false, properties: { a: { type: "string", patern: "x" } } }, /patern/],
])("the schema %j is refused", (loose, reason) => {
  expect(compileParameterSchema(loose)).toMatchObject({ kind: "unusable", reason: expect.stringMatching(reason) });
});
