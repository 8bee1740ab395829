/** The part of htmx that this needs. */
interface HtmxGlobal {
  registerExtension(
    name: string,
    extension: Record<string, (element: Element, detail: Record<string, unknown>) => boolean>,
  ): void;
}

declare global {
  interface Window {
    htmx: HtmxGlobal;
  }
}

/** Updates leave alone what is in the reader's hands: which parts are folded open. */
export function keepFolds(): void {
  window.htmx.registerExtension("keep-folds", {
    htmx_before_morph_attr: (element, detail) =>
      !(element instanceof HTMLDetailsElement && detail["attrName"] === "open"),
  });
}
