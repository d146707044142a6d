/** How many wait for the person, kept true by the stream. */
import { needsYou as server } from "$lib/api/server";
import { stream } from "$lib/events/shared.svelte";
import type { Heard } from "$lib/events/types";
import { tell } from "./notices.svelte";

const RELOAD_AFTER_MS = 200;

class NeedsStore {
  count = $state(0);

  async load(): Promise<void> {
    this.count = (await server.read()).count;
  }

  /** Follows the stream; a run that begins to wait is told of outside the page, where that was allowed. Returns the undoing. */
  follow(): () => void {
    let timer = 0;
    const undo = stream.listen((heard) => {
      if (heard.kind === "event" && heard.event.type === "run.state" && heard.event.payload.notice) void tell(heard.event.payload.notice, heard.event.payload.run.id);
      if (!mayChangeCards(heard)) return;
      clearTimeout(timer);
      timer = window.setTimeout(() => void this.load().catch(() => undefined), RELOAD_AFTER_MS);
    });
    return () => {
      clearTimeout(timer);
      undo();
    };
  }
}

/** Whether other cards may wait now: it is told, or a run of work has come to another state. */
export function mayChangeCards(heard: Heard): boolean {
  if (heard.kind === "rejoined" || heard.event.type === "work.waits") return true;
  return heard.event.type === "run.state" && heard.event.payload.run.kind === "work";
}

export const needs = new NeedsStore();
