/** The name of the tab: what the screen shows, then the application. */
import { strings as s } from "./strings";

export function titled(words: () => string): void {
  $effect(() => {
    document.title = `${words()} · ${s.name}`;
  });
}
