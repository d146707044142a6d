/** Where the person is: the address bar as state, and the only code that changes it. */
import { routeOf } from "./routes";

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  readonly route = $derived(routeOf(this.path));

  /** Goes to an address of this UI; `replace` leaves no step in the history. */
  go(address: string, { replace = false } = {}): void {
    const url = new URL(address, location.href);
    if (replace) history.replaceState(null, "", url);
    else if (url.href !== location.href) history.pushState(null, "", url);
    this.read();
  }

  /** Changes part of the query (null removes a name), without a step in the history unless asked. */
  refine(changes: Record<string, string | null>, { push = false } = {}): void {
    const url = new URL(location.href);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    this.go(url.href, { replace: !push });
  }

  read(): void {
    const moved = this.path !== location.pathname;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
    if (moved) scrollTo(0, 0);
  }
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
  const stepped = () => router.read();
  document.addEventListener("click", clicked);
  addEventListener("popstate", stepped);
  return () => {
    document.removeEventListener("click", clicked);
    removeEventListener("popstate", stepped);
  };
}
