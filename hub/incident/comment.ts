import { boundedLines } from "../bounded-text.ts";
import type { Context } from "../context.ts";
import { HubError } from "../error.ts";
import { requirePermission } from "../identity/permission.ts";
import { type ChangeResult, changeIncident, type IncidentReference } from "./change.ts";
import { INCIDENT_STATUSES } from "./incident.ts";

export const COMMENT_CHARACTERS_MAX = 4_000;

export interface CommentIncident extends IncidentReference {
  text: string;
}

/** Adds a person's words to the timeline. */
export async function commentIncident(ctx: Context, input: CommentIncident): Promise<ChangeResult> {
  requirePermission(ctx, "incident:comment");
  if (input.text.length > COMMENT_CHARACTERS_MAX) {
    throw new HubError(
      "too-large",
      `the comment has ${input.text.length} characters; ${COMMENT_CHARACTERS_MAX} are kept. Shorten it.`,
    );
  }
  const text = boundedLines(input.text, COMMENT_CHARACTERS_MAX).trim();
  if (text === "") throw new HubError("bad-request", "the comment is empty");
  return changeIncident(ctx, input, {
    from: INCIDENT_STATUSES,
    set: {},
    change: "commented",
    action: "incident.commented",
    timeline: { kind: "comment", text },
  });
}
