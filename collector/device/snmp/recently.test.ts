import { expect, test } from "bun:test";
import { Recently } from "./recently.ts";

test("what is asked for again and again stays, and what passes by is forgotten", () => {
  const recently = new Recently<number>(10);
  for (let i = 0; i < 1_000; i++) {
    recently.set(`passing ${i}`, i);
    if (i === 0) recently.set("common", -1);
    if (i % 5 === 0) expect(recently.get("common")).toBe(-1);
  }
  const left = Array.from({ length: 1_000 }, (_, i) => recently.get(`passing ${i}`)).filter((one) => one !== undefined);
  expect(left.length).toBeLessThanOrEqual(20);
});
