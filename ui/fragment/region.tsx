import type { Child } from "hono/jsx";

/** One region as an update for open pages: htmx morphs it into the element with the same id. */
export function Partial({ id, children }: { id: string; children: Child }) {
  return (
    <hx-partial hx-target={`#${id}`} hx-swap="outerMorph">
      {children}
    </hx-partial>
  );
}

/** Appends a message to the corner of the page. */
export function ToastPartial({ children }: { children: Child }) {
  return (
    <hx-partial hx-target="#toasts" hx-swap="innerHTML">
      {children}
    </hx-partial>
  );
}
