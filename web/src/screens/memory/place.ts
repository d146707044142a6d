/** Opens an entry in its place: beside the list if there is room, else on its own page (the link itself). */
import { router } from "$lib/router.svelte";

const HAS_SIDE = matchMedia("(min-width: 68.75em)");

export function opensBeside(entryId: string, span: string | null, event: MouseEvent): void {
  if (!HAS_SIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  router.refine({ source: entryId, span });
}
