import { Icon, type IconName } from "../component/icon.tsx";

export interface SearchHit {
  href: string;
  label: string;
  /** What tells it from others of the same name. */
  hint: string;
  icon: IconName;
}

export interface SearchView {
  query: string;
  groups: { label: string; hits: SearchHit[] }[];
}

/** Results in the palette: one list box, walked with the arrow keys while the cursor stays in the field. */
export function PaletteResults({ view }: { view: SearchView }) {
  const groups = view.groups.filter(({ hits }) => hits.length > 0);
  if (groups.length === 0) {
    return (
      <div id="palette-results">
        <p class="palette-none" role="status">
          Nothing matches "{view.query}". Search takes a part of a device's name, address or model, of an incident's
          title or its number, of a site or of a script.
        </p>
      </div>
    );
  }
  let index = 0;
  return (
    <div id="palette-results">
      <div role="listbox" id="palette-list" aria-label="Results">
        {groups.map((group) => (
          <div role="group" aria-label={group.label}>
            <p class="palette-group" aria-hidden="true">
              {group.label}
            </p>
            {group.hits.map((hit) => (
              <a
                class="palette-hit"
                role="option"
                aria-selected="false"
                tabindex={-1}
                id={`hit-${index++}`}
                href={hit.href}
              >
                <Hit hit={hit} />
              </a>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The same results on a page of their own. */
export function SearchList({ view }: { view: SearchView }) {
  const groups = view.groups.filter(({ hits }) => hits.length > 0);
  if (groups.length === 0) return <p class="muted">Nothing matches "{view.query}".</p>;
  return (
    <>
      {groups.map((group) => (
        <section class="section" aria-label={group.label}>
          <h2>{group.label}</h2>
          <ul>
            {group.hits.map((hit) => (
              <li data-row>
                <a class="palette-hit" href={hit.href}>
                  <Hit hit={hit} />
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Hit({ hit }: { hit: SearchHit }) {
  return (
    <>
      <Icon name={hit.icon} />
      <span class="truncate">{hit.label}</span>
      <span class="hint truncate">{hit.hint}</span>
    </>
  );
}
