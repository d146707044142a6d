/** How a footnote's figure in the text reaches the sources of the answer it stands in. */
import { createContext } from "svelte";

export interface Footnotes {
  addressOf(number: number): string | null;
  open(number: number, event: MouseEvent): void;
}

export const [getFootnotes, setFootnotes] = createContext<Footnotes>();
