import { expect, test } from "bun:test";
import { watchUncaught } from "./index.ts";

test("errors that nothing caught are told, until nobody watches any more", () => {
  const told: unknown[] = [];
  const unwatch = watchUncaught({ failed: (error) => told.push(error) });
  const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
  process.listeners("uncaughtException").at(-1)?.(thrown, "uncaughtException");
  process.listeners("unhandledRejection").at(-1)?.(rejected, Promise.resolve());
  expect(told).toEqual([thrown, rejected]);
  const watching = process.listenerCount("uncaughtException");
  unwatch();
  expect(process.listenerCount("uncaughtException")).toBe(watching - 1);
});
