import { z } from "zod";
import { HubError } from "../../error.ts";

const PREFIX = "wp1.";
const TOKEN_LENGTH_MAX = 1_024;

const content = z.object({
  /** host:port of the enrolment listener. */
  a: z.string().min(3).max(300),
  /** Hex SHA-256 of the authority's certificate. */
  f: z.string().regex(/^[0-9a-f]{64}$/),
  /** Token id. */
  i: z.uuid(),
  /** Secret. */
  s: z.string().min(32).max(100),
});

export type TokenContent = z.output<typeof content>;

/** The one string an installer needs. */
export function formatToken(token: TokenContent): string {
  return PREFIX + Buffer.from(JSON.stringify(token)).toString("base64url");
}

export function parseToken(text: string): TokenContent {
  const trimmed = text.trim();
  if (trimmed.length <= TOKEN_LENGTH_MAX && trimmed.startsWith(PREFIX)) {
    const parsed = content.safeParse(parseJson(Buffer.from(trimmed.slice(PREFIX.length), "base64url").toString()));
    if (parsed.success) return parsed.data;
  }
  throw new HubError(
    "bad-request",
    `the enrolment token (${trimmed.length} characters) is not one this hub made: it begins with ${PREFIX} and is one line. Copy it again, whole.`,
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
