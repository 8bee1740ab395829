import { showHelp } from "./keyboard.ts";

/** Theme and sidebar: kept in cookies so that the next page comes as it was left. */
const YEAR_S = 31_536_000;

interface AlpineGlobal {
  data(name: string, make: () => Record<string, unknown>): void;
}

declare global {
  interface Window {
    Alpine: AlpineGlobal;
  }
}

function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
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
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("shell", () => ({ zone, toggleTheme, toggleSidebar, showHelp }));
  });
}
