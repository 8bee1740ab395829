import { Age, FullTime, Left } from "../component/age.tsx";
import { Icon } from "../component/icon.tsx";
import { PostButton, type PostButtonProps } from "../component/post-button.tsx";
import { plural } from "../component/quantity.ts";
import { type Severity, SeverityLabel } from "../component/severity.tsx";
import { type IncidentStatus, IncidentStatusLabel } from "../component/status.tsx";

export interface IncidentHeadView {
  id: string;
  number: number;
  title: string;
  severity: Severity;
  priority: string;
  status: IncidentStatus;
  site?: { id: string; name: string };
  device?: { id: string; name: string };
  assignee?: string;
  openedAt: Date;
  resolvedAt?: Date;
  silencedUntil?: Date;
  events: number;
  openProblems: number;
  revision: number;
  mergedInto?: string;
  mayChange: boolean;
  nowMs: number;
}

type Action = Pick<PostButtonProps, "label" | "icon" | "kind"> & { verb: string };

const ACKNOWLEDGE: Action = { verb: "acknowledge", label: "Acknowledge", icon: "hand", kind: "primary" };
const START: Action = { verb: "start", label: "Start work", icon: "play", kind: "primary" };
const RESOLVE: Action = { verb: "resolve", label: "Resolve", icon: "check" };
const REOPEN: Action = { verb: "reopen", label: "Reopen", icon: "rotate-ccw" };

const ACTIONS: Record<IncidentStatus, Action[]> = {
  new: [ACKNOWLEDGE, RESOLVE],
  acknowledged: [START, RESOLVE],
  in_progress: [{ ...RESOLVE, kind: "primary" }],
  resolved: [REOPEN],
  silenced: [REOPEN, RESOLVE],
};

const SILENCE_HOURS = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [168, "1 week"],
  [720, "30 days"],
] as const;

export function IncidentHead({ view }: { view: IncidentHeadView }) {
  return (
    <header class="incident-head" id="incident-head">
      <div class="title-line">
        <h1>
          <span class="faint">INC-{view.number}</span> {view.title}
        </h1>
        {view.mayChange ? <Actions view={view} /> : null}
      </div>
      <div class="facts-line">
        <SeverityLabel severity={view.severity} />
        <IncidentStatusLabel status={view.status} />
        <span>Priority {view.priority}</span>
        {view.site ? <span>Site {view.site.name}</span> : null}
        {view.device ? <a href={`/devices/${view.device.id}`}>{view.device.name}</a> : null}
        <span>{view.assignee === undefined ? "Nobody has it yet" : `In the hands of ${view.assignee}`}</span>
        <Since view={view} />
        {view.silencedUntil === undefined ? null : (
          <span>
            Back in <Left at={view.silencedUntil} nowMs={view.nowMs} />
          </span>
        )}
        <span>
          {plural(view.events, "event")}, {view.openProblems} still open
        </span>
        {view.mergedInto === undefined ? null : (
          <a href={`/incidents/${view.mergedInto}`}>Went into another incident with the same cause</a>
        )}
      </div>
    </header>
  );
}

function Since({ view }: { view: IncidentHeadView }) {
  if (view.resolvedAt) {
    return (
      <span>
        Resolved <FullTime at={view.resolvedAt} />
      </span>
    );
  }
  return (
    <span>
      Open for <Age at={view.openedAt} nowMs={view.nowMs} />
    </span>
  );
}

function Actions({ view }: { view: IncidentHeadView }) {
  return (
    <div class="buttons">
      {ACTIONS[view.status].map(({ verb, ...button }) => (
        <PostButton action={`/incidents/${view.id}/${verb}`} fields={{ revision: String(view.revision) }} {...button} />
      ))}
      {view.status === "resolved" || view.status === "silenced" ? null : <Silence view={view} />}
    </div>
  );
}

/** Silencing needs a reason: whoever finds the incident later should know why nobody looked. */
function Silence({ view }: { view: IncidentHeadView }) {
  const action = `/incidents/${view.id}/silence`;
  return (
    <details class="menu" id="silence-menu">
      <summary class="button quiet">
        <Icon name="bell-off" />
        Silence
      </summary>
      <form class="menu-body fields" method="post" action={action} hx-post={action} hx-swap="none">
        <input type="hidden" name="revision" value={String(view.revision)} />
        <div class="field">
          <label for="silence-reason">Why does nobody need to look?</label>
          <input id="silence-reason" name="reason" required maxlength={500} autocomplete="off" />
        </div>
        <div class="field">
          <label for="silence-hours">For how long? It comes back sooner when it gets worse.</label>
          <select id="silence-hours" name="hours">
            {SILENCE_HOURS.map(([hours, text]) => (
              <option value={String(hours)} selected={hours === 24}>
                {text}
              </option>
            ))}
          </select>
        </div>
        <div class="buttons">
          <button class="button primary" type="submit">
            Silence INC-{view.number}
          </button>
        </div>
      </form>
    </details>
  );
}
