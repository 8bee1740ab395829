/** Ctrl+K: the field keeps the cursor, arrow keys walk the results, Enter opens the chosen one. */
interface Parts {
  dialog: HTMLDialogElement;
  field: HTMLInputElement;
}

function parts(): Parts | undefined {
  const dialog = document.getElementById("palette");
  const field = document.getElementById("palette-query");
  if (!(dialog instanceof HTMLDialogElement) || !(field instanceof HTMLInputElement)) return undefined;
  return { dialog, field };
}

function options({ dialog }: Parts): HTMLElement[] {
  return [...dialog.querySelectorAll<HTMLElement>('[role="option"]')];
}

function choose(palette: Parts, option: HTMLElement | undefined): void {
  for (const one of options(palette)) one.setAttribute("aria-selected", String(one === option));
  if (option) palette.field.setAttribute("aria-activedescendant", option.id);
  else palette.field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chosen(palette: Parts): HTMLElement | undefined {
  return options(palette).find((one) => one.getAttribute("aria-selected") === "true");
}

function step(palette: Parts, by: number): void {
  const all = options(palette);
  const here = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  choose(palette, all[(here + by + all.length) % Math.max(1, all.length)]);
}

function open(palette: Parts): void {
  if (!palette.dialog.open) palette.dialog.showModal();
  palette.field.focus();
  palette.field.select();
  choose(palette, chosen(palette) ?? options(palette)[0]);
}

function onKey(palette: Parts, event: KeyboardEvent): void {
  switch (event.key) {
    case "ArrowDown":
      step(palette, 1);
      break;
    case "ArrowUp":
      step(palette, -1);
      break;
    case "Enter":
      chosen(palette)?.click();
      break;
    default:
      return;
  }
  event.preventDefault();
}

export function offerPalette(): void {
  const palette = parts();
  if (!palette) return;
  const { dialog, field } = palette;
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open(palette);
  });
  for (const link of document.querySelectorAll("[data-palette]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      open(palette);
    });
  }
  field.addEventListener("keydown", (event) => onKey(palette, event));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("htmx:after:swap", () => {
    if (dialog.open && chosen(palette) === undefined) choose(palette, options(palette)[0]);
  });
}
