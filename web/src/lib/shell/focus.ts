/** Focus in what floats: it goes in, stays in, and (by overlays.close) returns. */

const REACHABLE = "a[href], button:not([disabled]), input:not([hidden]), textarea, select, [tabindex]:not([tabindex='-1'])";

export function keepFocusInside(element: HTMLElement): () => void {
  if (!element.contains(document.activeElement)) {
    const first = element.querySelector<HTMLElement>("[data-first]") ?? element.querySelector<HTMLElement>(REACHABLE);
    (first ?? element).focus();
  }
  const turned = (event: KeyboardEvent) => {
    if (event.key !== "Tab") return;
    const all = [...element.querySelectorAll<HTMLElement>(REACHABLE)].filter((one) => one.offsetParent !== null);
    const edge = event.shiftKey ? all[0] : all.at(-1);
    const isOutside = !element.contains(document.activeElement) || document.activeElement === element;
    if (document.activeElement !== edge && !isOutside) return;
    event.preventDefault();
    (event.shiftKey ? all.at(-1) : all[0])?.focus();
  };
  element.addEventListener("keydown", turned);
  return () => element.removeEventListener("keydown", turned);
}
