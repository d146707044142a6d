/** Where the person is: the address bar as state, and the only code that changes it. */
import { routeOf } from "./routes";

/** What belongs to a step of the history and to no address: words that are searched for, and what narrows them. */
type Kept = Readonly<Record<string, string>>;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  kept = $state.raw<Kept>(keptIn(history.state));
  readonly route = $derived(routeOf(this.path));
  #ask: ((leave: () => void) => void) | null = null;

  /** Has this page asked before another takes its place: `ask` is given what leaves. Returns the undoing. */
  hold(ask: (leave: () => void) => void): () => void {
    this.#ask = ask;
    return () => {
      if (this.#ask === ask) this.#ask = null;
    };
  }

  /** Whether the page stays for now because it asks first. */
  #isHeld(url: URL, leave: () => void): boolean {
    const ask = this.#ask;
    if (!ask || url.pathname === this.path) return false;
    ask(() => {
      this.#ask = null;
      leave();
    });
    return true;
  }

  /** Goes to an address of this UI; `replace` leaves no step in the history. */
  go(address: string, { replace = false, kept = {} }: { replace?: boolean; kept?: Kept } = {}): void {
    const url = new URL(address, location.href);
    if (this.#isHeld(url, () => this.go(address, { replace, kept }))) return;
    if (replace) history.replaceState({ kept }, "", url);
    else if (url.href !== location.href || JSON.stringify(kept) !== JSON.stringify(this.kept)) history.pushState({ kept }, "", url);
    this.read();
  }

  /** Keeps values with this step of the history (null removes a name): they survive a reload and are in no address. */
  keep(changes: Record<string, string | null>): void {
    const kept = Object.entries({ ...this.kept, ...changes }).filter((pair): pair is [string, string] => pair[1] !== null);
    this.go(location.href, { replace: true, kept: Object.fromEntries(kept) });
  }

  /** Changes part of the query (null removes a name), without a step in the history unless asked. */
  refine(changes: Record<string, string | null>, { push = false } = {}): void {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    this.go(url.href, { replace: !push, kept: this.kept });
  }

  /** The browser went back or forward. A page that asks first is put back into the history until it is answered. */
  stepped(): void {
    const wanted = new URL(location.href);
    if (this.#isHeld(wanted, () => this.go(wanted.href))) history.pushState({ kept: this.kept }, "", this.path);
    else this.read();
  }

  read(): void {
    const moved = this.path !== location.pathname;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
    const kept = keptIn(history.state);
    if (JSON.stringify(kept) !== JSON.stringify(this.kept)) this.kept = kept; // else the same object: nothing changed
    if (moved) scrollTo(0, 0);
  }
}

function keptIn(state: unknown): Kept {
  return state && typeof state === "object" && "kept" in state ? (state.kept as Kept) : {};
}

export const router = new Router();

/** Makes plain links within this origin change the address without loading a page. Returns the undoing. */
export function followLinks(): () => void {
  const clicked = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link?.href || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    const isOurs = url.origin === location.origin && routeOf(url.pathname).screen !== "missing";
    if (!isOurs || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    router.go(url.href);
  };
  const stepped = () => router.stepped();
  document.addEventListener("click", clicked);
  addEventListener("popstate", stepped);
  return () => {
    document.removeEventListener("click", clicked);
    removeEventListener("popstate", stepped);
  };
}
