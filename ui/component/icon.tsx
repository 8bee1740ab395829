import { raw } from "hono/html";
import activity from "lucide-static/icons/activity.svg" with { type: "text" };
import bellOff from "lucide-static/icons/bell-off.svg" with { type: "text" };
import bookOpen from "lucide-static/icons/book-open.svg" with { type: "text" };
import cable from "lucide-static/icons/cable.svg" with { type: "text" };
import check from "lucide-static/icons/check.svg" with { type: "text" };
import chevronRight from "lucide-static/icons/chevron-right.svg" with { type: "text" };
import circleAlert from "lucide-static/icons/circle-alert.svg" with { type: "text" };
import circleCheck from "lucide-static/icons/circle-check.svg" with { type: "text" };
import circleDot from "lucide-static/icons/circle-dot.svg" with { type: "text" };
import circleQuestion from "lucide-static/icons/circle-question-mark.svg" with { type: "text" };
import circleSlash from "lucide-static/icons/circle-slash.svg" with { type: "text" };
import circleX from "lucide-static/icons/circle-x.svg" with { type: "text" };
import clock from "lucide-static/icons/clock.svg" with { type: "text" };
import gitCompare from "lucide-static/icons/git-compare.svg" with { type: "text" };
import hand from "lucide-static/icons/hand.svg" with { type: "text" };
import history from "lucide-static/icons/history.svg" with { type: "text" };
import info from "lucide-static/icons/info.svg" with { type: "text" };
import keyboard from "lucide-static/icons/keyboard.svg" with { type: "text" };
import layoutDashboard from "lucide-static/icons/layout-dashboard.svg" with { type: "text" };
import loader from "lucide-static/icons/loader.svg" with { type: "text" };
import logOut from "lucide-static/icons/log-out.svg" with { type: "text" };
import mapPin from "lucide-static/icons/map-pin.svg" with { type: "text" };
import messageSquare from "lucide-static/icons/message-square.svg" with { type: "text" };
import moon from "lucide-static/icons/moon.svg" with { type: "text" };
import network from "lucide-static/icons/network.svg" with { type: "text" };
import octagonAlert from "lucide-static/icons/octagon-alert.svg" with { type: "text" };
import panelLeft from "lucide-static/icons/panel-left.svg" with { type: "text" };
import play from "lucide-static/icons/play.svg" with { type: "text" };
import plus from "lucide-static/icons/plus.svg" with { type: "text" };
import radar from "lucide-static/icons/radar.svg" with { type: "text" };
import radioTower from "lucide-static/icons/radio-tower.svg" with { type: "text" };
import refreshCw from "lucide-static/icons/refresh-cw.svg" with { type: "text" };
import rotateCcw from "lucide-static/icons/rotate-ccw.svg" with { type: "text" };
import scrollText from "lucide-static/icons/scroll-text.svg" with { type: "text" };
import search from "lucide-static/icons/search.svg" with { type: "text" };
import server from "lucide-static/icons/server.svg" with { type: "text" };
import shieldCheck from "lucide-static/icons/shield-check.svg" with { type: "text" };
import siren from "lucide-static/icons/siren.svg" with { type: "text" };
import sparkles from "lucide-static/icons/sparkles.svg" with { type: "text" };
import sun from "lucide-static/icons/sun.svg" with { type: "text" };
import terminal from "lucide-static/icons/terminal.svg" with { type: "text" };
import triangleAlert from "lucide-static/icons/triangle-alert.svg" with { type: "text" };
import user from "lucide-static/icons/user.svg" with { type: "text" };
import x from "lucide-static/icons/x.svg" with { type: "text" };

const SOURCES = {
  activity,
  "bell-off": bellOff,
  "book-open": bookOpen,
  cable,
  check,
  "chevron-right": chevronRight,
  "circle-alert": circleAlert,
  "circle-check": circleCheck,
  "circle-dot": circleDot,
  "circle-question": circleQuestion,
  "circle-slash": circleSlash,
  "circle-x": circleX,
  clock,
  "git-compare": gitCompare,
  hand,
  history,
  info,
  keyboard,
  "layout-dashboard": layoutDashboard,
  loader,
  "log-out": logOut,
  "map-pin": mapPin,
  "message-square": messageSquare,
  moon,
  network,
  "octagon-alert": octagonAlert,
  "panel-left": panelLeft,
  play,
  plus,
  radar,
  "radio-tower": radioTower,
  "refresh-cw": refreshCw,
  "rotate-ccw": rotateCcw,
  "scroll-text": scrollText,
  search,
  server,
  "shield-check": shieldCheck,
  siren,
  sparkles,
  sun,
  terminal,
  "triangle-alert": triangleAlert,
  user,
  x,
} as const;

export type IconName = keyof typeof SOURCES;

/** The drawing inside the <svg>: text of the shipped package, never anything from outside. */
const DRAWINGS = new Map(
  Object.entries(SOURCES).map(([name, svg]) => {
    const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1];
    if (inner === undefined) throw new Error(`icon ${name} holds no <svg> element`);
    return [name, inner.replaceAll(/\s*\n\s*/g, "")];
  }),
);

/** Decoration beside a word that says the same; hidden from screen readers. */
export function Icon({ name, class: extra, at }: { name: IconName; class?: string; at?: { x: number; y: number } }) {
  // Within another drawing it stands at a place of its own, and has no style sheet to give it a size.
  const place = at === undefined ? {} : { ...at, width: 16, height: 16 };
  return (
    <svg
      class={extra === undefined ? "icon" : `icon ${extra}`}
      {...place}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {raw(DRAWINGS.get(name) ?? "")}
    </svg>
  );
}
