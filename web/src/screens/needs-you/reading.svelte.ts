/** Whether the whole of an effect has been in view, and stood unchanged for half a second: before that no key says yes. */
import { isWhole, joined, type Stretch } from "./seen";

const STILL_MS = 500;
/** What stays in place over the page and hides what is beneath. */
const ABOVE = ".head";
const BELOW = ".ask, .bottom";

export class Reading {
  /** All of it has been in view, and it has not changed for half a second. */
  isRead = $state(false);
  /** It has not changed for half a second. */
  isStill = $state(false);

  #seen: Stretch[] = [];
  #height = 0;
  #element: HTMLElement | null = null;
  #readTimer = 0;
  #stillTimer = 0;

  /** It is another one, or has changed: everything is to be seen anew. */
  begin(): void {
    this.isStill = false;
    clearTimeout(this.#stillTimer);
    this.#stillTimer = window.setTimeout(() => (this.isStill = true), STILL_MS);
    this.#forget();
    this.#look();
  }

  /** Watches an element, as an attachment. Returns the undoing. */
  watch = (element: HTMLElement): (() => void) => {
    this.#element = element;
    const look = () => this.#look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    addEventListener("scroll", look, { capture: true, passive: true });
    addEventListener("resize", look);
    document.addEventListener("visibilitychange", look);
    this.begin();
    return () => {
      this.#element = null;
      sizes.disconnect();
      removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
      document.removeEventListener("visibilitychange", look);
      this.#forget();
      clearTimeout(this.#stillTimer);
    };
  };

  #forget(): void {
    this.isRead = false;
    this.#seen = [];
    clearTimeout(this.#readTimer);
    this.#readTimer = 0;
  }

  #look(): void {
    const element = this.#element;
    if (!element || document.visibilityState !== "visible") return;
    const { top, height } = element.getBoundingClientRect();
    if (Math.abs(height - this.#height) > 1) this.#forget();
    this.#height = height;
    const [from, to] = inView();
    const seen: Stretch = [Math.max(0, from - top), Math.min(height, to - top)];
    if (seen[0] < seen[1]) this.#seen = joined(this.#seen, seen);
    if (this.#readTimer || !isWhole(this.#seen, height)) return;
    this.#readTimer = window.setTimeout(() => (this.isRead = true), STILL_MS);
  }
}

/** From where to where the page is not covered, in pixels of the window. */
function inView(): Stretch {
  const edges = (selector: string, edge: "top" | "bottom") =>
    [...document.querySelectorAll(selector)].map((bar) => bar.getBoundingClientRect()).flatMap((bar) => (bar.height ? [bar[edge]] : []));
  return [Math.max(0, ...edges(ABOVE, "bottom")), Math.min(innerHeight, ...edges(BELOW, "top"))];
}
