import { expect, test } from "bun:test";
import { formValues, parameterFields, parameterValues } from "./parameter.ts";

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["level"],
  properties: {
    level: { type: "string", enum: ["brief", "full"], default: "brief" },
    pause_s: { type: "integer", minimum: 0, maximum: 60 },
    counters: { type: "boolean", default: true },
    note: { type: "string", pattern: "^[a-z]+$", maxLength: 9 },
  },
};

test("a script's schema becomes a form with its defaults and limits", () => {
  expect(parameterFields(SCHEMA, formValues({}))).toEqual([
    {
      kind: "choice",
      name: "level",
      label: "level",
      hint: "",
      required: true,
      value: "brief",
      options: ["brief", "full"],
    },
    { kind: "number", name: "pause_s", label: "pause_s", hint: "", required: false, value: "", min: 0, max: 60 },
    { kind: "flag", name: "counters", label: "counters", hint: "", value: true },
    {
      kind: "text",
      name: "note",
      label: "note",
      hint: "",
      required: false,
      value: "",
      pattern: "^[a-z]+$",
      lengthMax: 9,
    },
  ]);
});

test("what was filled in becomes values of the schema's types, and what was left empty is not sent", () => {
  const values = formValues({
    "parameter.level": "full",
    "parameter.pause_s": "5",
    "parameter.note": "",
    sent: "true",
  });
  expect(parameterValues(SCHEMA, values)).toEqual({ level: "full", pause_s: 5, counters: false });
});

test("a flag that was switched off stays off when the form comes back with a problem", () => {
  const [, , flag] = parameterFields(SCHEMA, formValues({ sent: "true" }));
  expect(flag).toMatchObject({ kind: "flag", value: false });
});
