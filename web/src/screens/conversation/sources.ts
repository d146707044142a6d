/** Where a quote is opened: beside the conversation if there is room, else on a page of its own. */
import type { Quote } from "$lib/api/types";
import { router } from "$lib/router.svelte";
import { paths } from "$lib/routes";

const HAS_SIDE = matchMedia("(min-width: 68.75em)");

export const spanOf = ({ start, end }: Pick<Quote, "start" | "end">): string => `${start}-${end}`;

export const sourceAddress = (quote: Quote): string => `${paths.entry(quote.entry_id)}?span=${spanOf(quote)}`;

/** Opens the quote beside the page where the page has a side; otherwise the link goes on to its own page. */
export function openBeside(quote: Quote, number: number | null, event: MouseEvent): void {
  if (!HAS_SIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  router.refine({ source: quote.entry_id, span: spanOf(quote), number: number === null ? null : String(number) });
}

export function spanFrom(query: URLSearchParams): [start: number, end: number] | null {
  const found = /^(\d+)-(\d+)$/.exec(query.get("span") ?? "");
  return found ? [Number(found[1]), Number(found[2])] : null;
}
