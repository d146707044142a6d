/** What floats above the page: one thing at a time, and focus returns to where it was. */

export type Overlay = "command" | "keys" | "more" | "why";

class Overlays {
  shown = $state<Overlay | null>(null);
  /** What it is about: of "why", the answer. */
  subject = $state("");
  readonly isOpen = $derived(this.shown !== null);
  #before: Element | null = null;

  open(what: Overlay, subject = ""): void {
    this.subject = subject;
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
