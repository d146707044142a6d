/** How many wait for the person, kept true by the stream. */
import { needsYou as server } from "$lib/api/server";
import { stream } from "$lib/events/shared.svelte";
import { noticeOf } from "./notices.svelte";

class NeedsStore {
  count = $state(0);

  async load(): Promise<void> {
    this.count = (await server.read()).count;
  }

  /** Follows the stream; a run that begins to wait is told of outside the page, where that was allowed. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined") void this.load().catch(() => undefined);
      else if (heard.event.type === "needs_you") this.count = heard.event.payload.count;
      else if (heard.event.type === "run.state") void noticeOf(heard.event.payload.run);
    });
  }
}

export const needs = new NeedsStore();
