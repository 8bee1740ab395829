import { Icon, type IconName } from "./icon.tsx";

export interface PostButtonProps {
  action: string;
  label: string;
  icon?: IconName;
  kind?: "primary" | "quiet" | "danger";
  fields?: Record<string, string>;
  /** Named after the thing it acts on, where several such buttons stand on one page. */
  describedAs?: string;
}

/** A button that changes something: one form, one POST. Answers with partials to htmx, with a redirect to a plain browser. */
export function PostButton({ action, label, icon, kind, fields, describedAs }: PostButtonProps) {
  return (
    <form method="post" action={action} hx-post={action} hx-swap="none">
      {Object.entries(fields ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button class={kind === undefined ? "button" : `button ${kind}`} type="submit" aria-label={describedAs}>
        {icon === undefined ? null : <Icon name={icon} />}
        {label}
      </button>
    </form>
  );
}
