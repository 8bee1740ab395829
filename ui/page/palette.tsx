import { Icon } from "../component/icon.tsx";
import { PaletteResults, type SearchHit } from "../fragment/search-results.tsx";
import { NAV } from "./nav.ts";

/** Pages whose name holds the words; all of them without words. */
export function findPages(query: string): SearchHit[] {
  const words = query.toLowerCase();
  return NAV.flatMap((group) =>
    group.items
      .filter(({ label }) => label.toLowerCase().includes(words))
      .map(({ href, label, icon }) => ({ href, label, icon, hint: group.label })),
  );
}

/** Ctrl+K: type, walk, open. Without script its button is a link to the page that does the same. */
export function Palette() {
  return (
    <dialog id="palette" class="palette" aria-label="Search">
      <form action="/search" method="get" role="search">
        <Icon name="search" />
        <input
          id="palette-query"
          name="q"
          type="text"
          role="combobox"
          aria-label="Search devices, incidents, sites, scripts and pages"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          placeholder="Search devices, incidents, sites, scripts, pages"
          autocomplete="off"
          maxlength={100}
          hx-get="/search"
          hx-trigger="input changed delay:120ms"
          hx-sync="this:replace"
          hx-target="#palette-results"
          hx-swap="outerHTML"
        />
        <kbd>Esc</kbd>
      </form>
      <PaletteResults view={{ query: "", groups: [{ label: "Go to", hits: findPages("") }] }} />
    </dialog>
  );
}
