/** What floats above the page: one thing at a time, and focus returns to where it was. */

export type Overlay = "command" | "keys" | "more";

class Overlays {
  shown = $state<Overlay | null>(null);
  readonly isOpen = $derived(this.shown !== null);
  #before: Element | null = null;

  open(what: Overlay): void {
    if (this.shown === what) return;
    if (!this.shown) this.#before = document.activeElement;
    this.shown = what;
  }

  close(): void {
    this.shown = null;
    const before = this.#before;
    this.#before = null;
    queueMicrotask(() => before instanceof HTMLElement && before.focus({ preventScroll: true }));
  }
}

export const overlays = new Overlays();
