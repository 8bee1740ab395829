import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

/** Nothing here yet: says why, and the next step with the very command. */
export function Empty(props: { icon: IconName; title: string; children?: Child; command?: string }) {
  return (
    <div class="empty">
      <h2>
        <Icon name={props.icon} />
        {props.title}
      </h2>
      {props.children === undefined ? null : <p>{props.children}</p>}
      {props.command === undefined ? null : <Command text={props.command} />}
    </div>
  );
}

/** One click selects it whole. */
export function Command({ text }: { text: string }) {
  return (
    <pre class="command" tabindex={0}>
      {text}
    </pre>
  );
}
