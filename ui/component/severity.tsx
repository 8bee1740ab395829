import { Icon, type IconName } from "./icon.tsx";

export type Severity = "info" | "warning" | "error" | "critical";

const LOOK: Record<Severity, { icon: IconName; word: string }> = {
  info: { icon: "info", word: "Info" },
  warning: { icon: "triangle-alert", word: "Warning" },
  error: { icon: "circle-alert", word: "Error" },
  critical: { icon: "octagon-alert", word: "Critical" },
};

export function SeverityLabel({ severity }: { severity: Severity }) {
  const { icon, word } = LOOK[severity];
  return (
    <span class={`label ${severity}`}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
