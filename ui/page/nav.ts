import type { IconName } from "../component/icon.tsx";

export type Section =
  | "search"
  | "topology"
  | "overview"
  | "incidents"
  | "sites"
  | "devices"
  | "automation"
  | "approvals"
  | "collectors"
  | "discovery";

export interface NavItem {
  section: Section;
  label: string;
  href: string;
  icon: IconName;
}

export interface NavGroup {
  label: string;
  items: readonly NavItem[];
}

/** Only what exists: a link that leads nowhere costs more trust than it gives hope. */
export const NAV: readonly NavGroup[] = [
  {
    label: "Operate",
    items: [
      { section: "overview", label: "Overview", href: "/", icon: "layout-dashboard" },
      { section: "incidents", label: "Incidents", href: "/incidents", icon: "siren" },
      { section: "sites", label: "Sites", href: "/sites", icon: "map-pin" },
      { section: "devices", label: "Devices", href: "/devices", icon: "server" },
      { section: "topology", label: "Topology", href: "/topology", icon: "network" },
    ],
  },
  {
    label: "Act",
    items: [
      { section: "automation", label: "Automation", href: "/automation", icon: "terminal" },
      { section: "approvals", label: "Approvals", href: "/approvals", icon: "shield-check" },
    ],
  },
  {
    label: "Set up",
    items: [
      { section: "collectors", label: "Collectors", href: "/collectors", icon: "radio-tower" },
      { section: "discovery", label: "Discovery", href: "/discovery", icon: "radar" },
    ],
  },
];
