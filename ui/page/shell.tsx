import type { Child } from "hono/jsx";
import { type AssetName, assetUrl } from "../asset/index.ts";
import { Icon } from "../component/icon.tsx";
import { Document, type Theme } from "./document.tsx";
import { NAV, type NavItem, type Section } from "./nav.ts";
import { Palette } from "./palette.tsx";

export interface ShellView {
  section: Section;
  title: string;
  /** Where am I: the last one is this page and has no link. */
  where: { label: string; href?: string }[];
  me: { name: string; role: string };
  theme: Theme;
  sidebar: "wide" | "narrow";
  /** Which zone the browser shows times in. */
  zone: "utc" | "local";
  counts: ShellCounts;
  /** Path of the live stream that feeds this page. */
  live?: string;
  charts?: boolean;
}

export interface ShellCounts {
  openIncidents: number;
  pendingApprovals: number;
}

/** In this order: app.js listens before Alpine starts. */
const SCRIPTS: readonly AssetName[] = ["app.js", "alpine.js"];
const CHART_SCRIPTS: readonly AssetName[] = [...SCRIPTS, "chart.js"];

/** Sidebar, top bar, main. Everything a page needs besides its content. */
export function Shell({ view, children }: { view: ShellView; children: Child }) {
  return (
    <Document
      title={view.title}
      theme={view.theme}
      sidebar={view.sidebar}
      zone={view.zone}
      scripts={view.charts ? CHART_SCRIPTS : SCRIPTS}
    >
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <div class="shell" x-data="shell">
          <Sidebar view={view} />
          <TopBar view={view} />
          <main class="main" id="main" tabindex={-1}>
            {view.live === undefined ? null : (
              <div data-live hx-sse:connect={view.live} hx-trigger="load, again" hx-swap="none" />
            )}
            {children}
          </main>
        </div>
        <div class="toasts" id="toasts" aria-live="assertive" />
        <Help />
        <Palette />
      </body>
    </Document>
  );
}

function Sidebar({ view }: { view: ShellView }) {
  return (
    <nav class="sidebar" aria-label="Main">
      <a class="brand" href="/">
        <img src={assetUrl("favicon.svg")} alt="" />
        <span class="brand-text">Watchpost</span>
      </a>
      {NAV.map((group) => (
        <div class="nav-group">
          <h2>{group.label}</h2>
          <ul>
            {group.items.map((item) => (
              <li>
                <NavLink item={item} view={view} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <div class="sidebar-foot">
        <button class="top-item" type="button" x-on:click="toggleSidebar" aria-label="Collapse or widen the sidebar">
          <Icon name="panel-left" />
        </button>
      </div>
    </nav>
  );
}

function NavLink({ item, view }: { item: NavItem; view: ShellView }) {
  const here = item.section === view.section;
  return (
    <a class="nav-link" href={item.href} aria-current={here ? "page" : undefined}>
      <Icon name={item.icon} />
      <span class="nav-text">{item.label}</span>
      <NavCount section={item.section} counts={view.counts} />
    </a>
  );
}

/** How many wait there; live updates replace it by its id. */
export function NavCount({ section, counts }: { section: Section; counts: ShellCounts }) {
  if (section !== "incidents" && section !== "approvals") return null;
  const number = section === "incidents" ? counts.openIncidents : counts.pendingApprovals;
  return (
    <span class={number > 0 ? "nav-count hot" : "nav-count"} id={`count-${section}`}>
      {number > 0 ? number : ""}
    </span>
  );
}

function TopBar({ view }: { view: ShellView }) {
  return (
    <header class="topbar">
      <nav aria-label="Where am I" class="where-nav">
        <ol class="where">
          {view.where.map((step) => (
            <li>
              {step.href === undefined ? (
                <span aria-current="page">{step.label}</span>
              ) : (
                <a href={step.href}>{step.label}</a>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <a class="top-item find" href="/search" data-palette>
        <Icon name="search" />
        Search
        <kbd>Ctrl K</kbd>
      </a>
      <span class="top-item connection" id="connection" data-state="still" role="status">
        {view.live === undefined ? "Not live" : "Connecting"}
      </span>
      <button
        class="top-item zone"
        type="button"
        x-on:click="toggleZone"
        title="Times on this page are in this zone. Switch between your own and UTC."
      >
        <Icon name="clock" />
        <span class="sr-only">Time zone</span>
        <span x-text="zone">UTC</span>
      </button>
      <button class="top-item" type="button" x-on:click="showHelp" aria-label="Keyboard help">
        <Icon name="keyboard" />
      </button>
      <button class="top-item" type="button" x-on:click="toggleTheme" aria-label="Switch between dark and light">
        <Icon name="sun" class="when-dark" />
        <Icon name="moon" class="when-light" />
      </button>
      <Me view={view} />
    </header>
  );
}

function Me({ view }: { view: ShellView }) {
  return (
    <details class="menu">
      <summary class="top-item">
        <Icon name="user" />
        {view.me.name}
      </summary>
      <div class="menu-body">
        <p>
          {view.me.name} <span class="muted">({view.me.role})</span>
        </p>
        <form method="post" action="/sign-out">
          <button class="button" type="submit">
            <Icon name="log-out" />
            Sign out
          </button>
        </form>
      </div>
    </details>
  );
}

const KEYS: readonly [string[], string][] = [
  [["j", "k"], "next and previous row"],
  [["Enter"], "open the row"],
  [["x"], "select the row"],
  [["Ctrl", "K"], "search everything"],
  [["/"], "search in this list"],
  [["g", "o"], "go to the overview"],
  [["g", "i"], "go to incidents"],
  [["g", "d"], "go to devices"],
  [["g", "s"], "go to sites"],
  [["g", "a"], "go to approvals"],
  [["?"], "this help"],
];

function Help() {
  return (
    <dialog id="help" aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <>
            <dt>
              {keys.map((key) => (
                <>
                  <kbd>{key}</kbd>{" "}
                </>
              ))}
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
      <form method="dialog">
        <button class="button primary" type="submit">
          Close
        </button>
      </form>
    </dialog>
  );
}
