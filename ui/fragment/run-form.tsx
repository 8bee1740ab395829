import { Command } from "../component/empty.tsx";
import { Notice } from "../component/notice.tsx";

export type ParameterField =
  | { kind: "choice"; name: string; label: string; hint: string; required: boolean; options: string[]; value: string }
  | {
      kind: "number";
      name: string;
      label: string;
      hint: string;
      required: boolean;
      value: string;
      min?: number;
      max?: number;
    }
  | { kind: "flag"; name: string; label: string; hint: string; value: boolean }
  | {
      kind: "text";
      name: string;
      label: string;
      hint: string;
      required: boolean;
      value: string;
      pattern?: string;
      lengthMax?: number;
    };

export interface RunFormView {
  scriptId: string;
  incidentId?: string;
  fields: ParameterField[];
  collectors: { id: string; label: string; chosen: boolean }[];
  targets: string;
  problem?: string;
  /** Why there is no form: role, or no collector allows it. */
  refusal?: string;
  /** Answer to "Show what would run". */
  plan?: { argv: string[]; body: string; warnings: string[] };
}

/** Asks for exactly what the script's schema allows; sending it makes a request for approval, nothing more. */
export function RunForm({ view }: { view: RunFormView }) {
  if (view.refusal !== undefined) return <Notice tone="info">{view.refusal}</Notice>;
  return (
    <form class="fields" method="post" action={`/automation/${view.scriptId}/run`}>
      {view.problem === undefined ? null : <Notice tone="error">{view.problem}</Notice>}
      {view.incidentId === undefined ? null : <input type="hidden" name="incident" value={view.incidentId} />}
      <div class="field">
        <label for="run-collector">Collector</label>
        <select id="run-collector" name="collector">
          {view.collectors.map((collector) => (
            <option value={collector.id} selected={collector.chosen}>
              {collector.label}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="run-targets">Target devices</label>
        <input id="run-targets" name="targets" value={view.targets} aria-describedby="run-targets-hint" />
        <span class="hint" id="run-targets-hint">
          Names, separated by commas. May stay empty.
        </span>
      </div>
      {view.fields.map((field) => (
        <Field field={field} />
      ))}
      {view.plan === undefined ? null : <Plan plan={view.plan} />}
      <input type="hidden" name="sent" value="true" />
      <div class="buttons">
        <button class="button primary" type="submit">
          Ask for approval
        </button>
        <button class="button" type="submit" name="dry_run" value="true">
          Show what would run
        </button>
      </div>
    </form>
  );
}

function Plan({ plan }: { plan: NonNullable<RunFormView["plan"]> }) {
  return (
    <div class="field" role="status">
      <span class="hint">This would run, argument by argument. Nothing was asked for yet.</span>
      <Command text={plan.argv.join("\n")} />
      {plan.body === "" ? null : <Command text={plan.body} />}
      {plan.warnings.map((warning) => (
        <Notice tone="warning">{warning}</Notice>
      ))}
    </div>
  );
}

function Field({ field }: { field: ParameterField }) {
  const id = `run-parameter-${field.name}`;
  if (field.kind === "flag") {
    return (
      <div class="field check">
        <input type="checkbox" id={id} name={`parameter.${field.name}`} value="true" checked={field.value} />
        <label for={id}>{field.label}</label>
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {field.required ? "" : " (optional)"}
      </label>
      <Input field={field} id={id} />
      <span class="hint" id={`${id}-hint`}>
        {field.hint}
      </span>
    </div>
  );
}

function Input({ field, id }: { field: Exclude<ParameterField, { kind: "flag" }>; id: string }) {
  const shared = { id, name: `parameter.${field.name}`, required: field.required, "aria-describedby": `${id}-hint` };
  if (field.kind === "choice") {
    return (
      <select {...shared}>
        {field.required ? null : <option value="">none</option>}
        {field.options.map((option) => (
          <option value={option} selected={option === field.value}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === "number") {
    return <input {...shared} type="number" step="any" value={field.value} min={field.min} max={field.max} />;
  }
  return <input {...shared} type="text" value={field.value} pattern={field.pattern} maxlength={field.lengthMax} />;
}
