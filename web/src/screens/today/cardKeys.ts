/** The keys of the brief: to the next card and back, do what it proposes, put it off. */
import type { KeyTable } from "$lib/keyboard";

const cards = () => [...document.querySelectorAll<HTMLElement>("[data-card]")];
const current = () => document.activeElement?.closest<HTMLElement>("[data-card]") ?? null;

/** Keys act on the card one is at; `d` before one has moved, on the first. */
export function cardKeys(isOnPage: () => boolean): KeyTable {
  const move = (by: number) => () => {
    const all = cards();
    const at = current();
    const to = all[at ? Math.min(all.length - 1, Math.max(0, all.indexOf(at) + by)) : 0];
    if (!isOnPage() || !to) return false;
    to.focus();
    return true;
  };
  const press = (what: string, card: () => HTMLElement | null) => () => {
    const button = isOnPage() ? card()?.querySelector<HTMLElement>(`[data-${what}]`) : null;
    button?.click();
    if (button) card()?.focus();
    return Boolean(button);
  };
  return {
    j: move(1),
    k: move(-1),
    d: press("do", () => current() ?? cards()[0] ?? null),
    l: press("later", current),
  };
}
