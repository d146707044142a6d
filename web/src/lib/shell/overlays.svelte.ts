/** What floats above the page: one thing at a time; focus returns to where it was, or goes into the page that it led to. */
import { tick } from "svelte";

export type Overlay = "command" | "keys" | "more" | "why";

class Overlays {
  shown = $state<Overlay | null>(null);
  /** What it is about: of "why", the answer. */
  subject = $state("");
  readonly isOpen = $derived(this.shown !== null);
  #before: Element | null = null;
  #at = "";

  open(what: Overlay, subject = ""): void {
    this.subject = subject;
    if (this.shown === what) return;
    if (!this.shown) {
      this.#before = document.activeElement;
      this.#at = location.pathname;
    }
    this.shown = what;
  }

  close(): void {
    this.shown = null;
    const before = this.#before;
    this.#before = null;
    const at = this.#at;
    // Not before the page below can have it again.
    void tick().then(() => {
      const place = location.pathname === at ? before : (document.querySelector(".shell [data-first]") ?? document.getElementById("main"));
      if (place instanceof HTMLElement) place.focus({ preventScroll: true });
    });
  }
}

export const overlays = new Overlays();
