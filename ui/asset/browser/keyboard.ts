/** j/k move through a list, Enter opens, x selects, / searches, ? explains, g then a letter goes somewhere. */
const GO_WITHIN_MS = 1_000;
const GO = new Map([
  ["o", "/"],
  ["i", "/incidents"],
  ["d", "/devices"],
  ["s", "/sites"],
  ["a", "/approvals"],
]);

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
}

function move(step: number): void {
  const all = rows();
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, here + step))];
  next?.querySelector<HTMLElement>("a[href]")?.focus();
}

function select(): void {
  const row = rows().find((one) => one.contains(document.activeElement));
  row?.querySelector<HTMLElement>('input[type="checkbox"]')?.click();
}

export function showHelp(): void {
  const help = document.getElementById("help");
  if (help instanceof HTMLDialogElement) help.showModal();
}

const KEYS = new Map<string, () => void>([
  ["j", () => move(1)],
  ["k", () => move(-1)],
  ["x", select],
  ["?", showHelp],
  ["/", () => document.querySelector<HTMLElement>('input[type="search"]')?.focus()],
]);

function isTyping(target: EventTarget | null): boolean {
  const fields = 'input:not([type="checkbox"], [type="radio"]), select, textarea, dialog';
  return target instanceof Element && target.closest(fields) !== null;
}

export function listenToKeys(): void {
  let goUntilMs = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const place = Date.now() < goUntilMs ? GO.get(event.key) : undefined;
    goUntilMs = event.key === "g" ? Date.now() + GO_WITHIN_MS : 0;
    if (place !== undefined) {
      location.assign(place);
      return;
    }
    const act = KEYS.get(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
