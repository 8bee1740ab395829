import type { Frame } from "./frame.ts";
import type { Mib } from "./mib.ts";
import { MalformedMessage, type Reader } from "./reader.ts";
import { readRequest } from "./request.ts";
import { respond } from "./respond.ts";
import { TAG } from "./tag.ts";

export type CommunityVersion = "v1" | "v2c";

export interface CommunityAccess {
  version: CommunityVersion;
  community: string;
}

const WIRE_VERSION: Record<CommunityVersion, number> = { v1: 0, v2c: 1 };
/** Version, community header and message header. */
const ENVELOPE_BYTES = 16;

/** Answers the rest of a v1 or v2c message into the frame; false when it gets no answer. */
export function answerCommunity(
  frame: Frame,
  message: Reader,
  context: { version: CommunityVersion; mib: Mib; nowMs: number; access: readonly CommunityAccess[]; bytesMax: number },
): boolean {
  const community = message.octets();
  if (community.length > 255) throw new MalformedMessage(`community of ${community.length} bytes`);
  const given = Buffer.from(community).toString("latin1");
  if (!context.access.some((entry) => entry.version === context.version && entry.community === given)) return false;
  const request = readRequest(message);
  const pduBytesMax = context.bytesMax - ENVELOPE_BYTES - community.length;
  const { mib, nowMs, version } = context;
  if (!respond(frame, request, { mib, nowMs, v1: version === "v1", pduBytesMax })) return false;
  wrapCommunity(frame, version, community);
  return true;
}

export function wrapCommunity(frame: Frame, version: CommunityVersion, community: Uint8Array): void {
  frame.prependOctets(community);
  frame.prependInteger(WIRE_VERSION[version]);
  frame.wrap(TAG.sequence);
}
