import { remember } from "./cookie.ts";
import { showHelp } from "./keyboard.ts";
import { shownZone, toggleZone } from "./zone.ts";

/** Theme, sidebar and zone: kept in cookies so that the next page comes as it was left. */

interface AlpineGlobal {
  data(name: string, make: () => Record<string, unknown>): void;
}

declare global {
  interface Window {
    Alpine: AlpineGlobal;
  }
}

function toggleTheme(): void {
  const { dataset } = document.documentElement;
  const theme = dataset["theme"] === "light" ? "dark" : "light";
  dataset["theme"] = theme;
  remember("watchpost_theme", theme);
  document.dispatchEvent(new CustomEvent("theme"));
}

function toggleSidebar(): void {
  const { dataset } = document.documentElement;
  const sidebar = dataset["sidebar"] === "narrow" ? "wide" : "narrow";
  dataset["sidebar"] = sidebar;
  remember("watchpost_sidebar", sidebar);
}

/** Alpine starts after this file and asks for what `x-data="shell"` means. */
export function offerShell(): void {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("shell", () => ({
      zone: shownZone(),
      toggleZone() {
        toggleZone();
        this["zone"] = shownZone();
      },
      toggleTheme,
      toggleSidebar,
      showHelp,
    }));
  });
}
