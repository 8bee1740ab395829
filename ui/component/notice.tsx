import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

export type NoticeTone = "info" | "warning" | "error";

const ICONS: Record<NoticeTone, IconName> = { info: "info", warning: "triangle-alert", error: "circle-alert" };

/** One thing to know, and what to do about it. */
export function Notice({ tone, children }: { tone: NoticeTone; children: Child }) {
  return (
    <div class={`notice ${tone}`} role={tone === "error" ? "alert" : "status"}>
      <Icon name={ICONS[tone]} />
      <p>{children}</p>
    </div>
  );
}
