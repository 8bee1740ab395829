import { ClockTime } from "../component/age.tsx";
import { Icon, type IconName } from "../component/icon.tsx";

export interface TimelineEntryView {
  id: string;
  kind: string;
  at: Date;
  text: string;
  by?: string;
  executionId?: string;
}

const ICONS: Record<string, IconName> = {
  opened: "siren",
  event: "activity",
  acknowledged: "hand",
  started: "play",
  resolved: "circle-check",
  reopened: "rotate-ccw",
  silenced: "bell-off",
  comment: "message-square",
  diagnosis: "sparkles",
  script: "terminal",
};

/** Newest first: what changed last is what a person came for. */
export function Timeline({ entries, commentOn }: { entries: TimelineEntryView[]; commentOn?: string }) {
  return (
    <section class="section" id="incident-timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      {commentOn === undefined ? null : <CommentForm incidentId={commentOn} />}
      <ol class="timeline">
        {entries.map((entry) => (
          <li id={`entry-${entry.id}`} class={entry.kind === "diagnosis" ? "diagnosis" : ""}>
            <ClockTime at={entry.at} />
            <Icon name={ICONS[entry.kind] ?? "circle-dot"} />
            <p>
              {entry.text}
              {entry.by === undefined ? null : <span class="faint"> by {entry.by}</span>}
              {entry.executionId === undefined ? null : <a href={`/executions/${entry.executionId}`}> Output</a>}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function CommentForm({ incidentId }: { incidentId: string }) {
  const action = `/incidents/${incidentId}/comment`;
  return (
    <form class="comment" data-empty method="post" action={action} hx-post={action} hx-swap="none">
      <input
        id="comment-text"
        name="text"
        required
        maxlength={4000}
        placeholder="What did you see or do?"
        aria-label="Comment"
        autocomplete="off"
      />
      <button class="button" type="submit">
        Comment
      </button>
    </form>
  );
}
