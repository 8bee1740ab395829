const NEAR_END_PX = 40;

/** Filters apply as soon as they are chosen; without this script their button does it. */
export function applyFilters(): void {
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLSelectElement)) return;
    const form = event.target.closest<HTMLFormElement>("form[data-apply]");
    form?.requestSubmit();
  });
}

function closeMenusBeside(inside: EventTarget | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!(inside instanceof Node && menu.contains(inside))) menu.open = false;
  }
}

/** A menu closes by Escape, by a click elsewhere, and when its form was sent. */
export function closeMenus(): void {
  document.addEventListener("click", (event) => closeMenusBeside(event.target));
  document.addEventListener("htmx:after:request", () => closeMenusBeside(null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenusBeside(null);
  });
}

/** A sent form starts empty again. */
export function emptySentForms(): void {
  document.addEventListener("htmx:after:request", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.matches("[data-empty]")) event.target.reset();
  });
}

/** Long output stays at its end unless the reader scrolled up. */
export function followOutput(): void {
  const following = new Set<Element>();
  document.addEventListener("htmx:before:swap", () => {
    following.clear();
    for (const output of document.querySelectorAll(".output")) {
      const fromEnd = output.scrollHeight - output.scrollTop - output.clientHeight;
      if (fromEnd < NEAR_END_PX) following.add(output);
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const output of following) output.scrollTop = output.scrollHeight;
  });
}
