import { z } from "zod";
import { EnrollError } from "./error.ts";

const PREFIX = "wp1.";
const CHARS_MAX = 1_024;

const content = z.object({
  a: z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/),
  f: z.string().regex(/^[0-9a-f]{64}$/),
  i: z.string().min(1).max(64),
  s: z.string().min(1).max(256),
});

export interface EnrollToken {
  /** As the hub gets it. */
  text: string;
  /** host:port of the enrolment listener. */
  address: string;
  /** Hex SHA-256 of the authority's certificate. */
  fingerprint: string;
  id: string;
}

export function parseToken(text: string): EnrollToken {
  const trimmed = text.trim();
  if (trimmed.length <= CHARS_MAX && trimmed.startsWith(PREFIX)) {
    const parsed = content.safeParse(parseJson(Buffer.from(trimmed.slice(PREFIX.length), "base64url").toString()));
    if (parsed.success) return { text: trimmed, address: parsed.data.a, fingerprint: parsed.data.f, id: parsed.data.i };
  }
  throw new EnrollError(
    "malformed-token",
    `the enrolment token (${trimmed.length} characters) is not whole: it is one line that begins with ${PREFIX}. ` +
      "Copy it again, or make a new one at the hub",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
