import { expect, test } from "bun:test";
import { outputText } from "./output-text.ts";

test("text stays, and what is no text is marked", () => {
  expect(outputText(new TextEncoder().encode("a\tü\r\n{}"))).toBe("a\tü\r\n{}");
  expect(outputText(Uint8Array.of(0, 0x1b, 0x7f, 0xff, 0x61))).toBe("\uFFFD\uFFFD\uFFFD\uFFFDa");
});

test.each([0, 1, 0x22, 0x5c, 0x0a, 0x1b, 0x9b, 0xff])("a whole chunk of byte %i fits the bus as JSON", (byte) => {
  const json = JSON.stringify(outputText(new Uint8Array(16_384).fill(byte)));
  expect(Buffer.byteLength(json)).toBeLessThan(65_000);
});
