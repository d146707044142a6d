/** Choosing how long entries are kept: what a span would take is seen and confirmed; it begins a day later. */
import { RequestError } from "$lib/api/client";
import { memory } from "$lib/api/server";
import type { Due, Retention, Span } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";

export class RetentionChoice {
  known = $state.raw<Retention | null>(null);
  due = $state.raw<Due | null>(null);
  isLooking = $state(false);
  problem = $state.raw<RequestError | null>(null);

  async load(): Promise<void> {
    await this.#tell(async () => {
      this.known = await memory.retention();
    });
  }

  /** Follows what another page chooses, and a span that begins. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined" || heard.event.type === "setting.changed") void this.load();
    });
  }

  /** What the span would take. A span that takes nothing and is no shorter is chosen at once. */
  async look(keep: Span): Promise<void> {
    this.isLooking = true;
    await this.#tell(async () => {
      const due = await memory.retentionPreview(keep);
      if (due.begins_at) this.due = due;
      else await this.#choose(keep);
    });
    this.isLooking = false;
  }

  leave(): void {
    this.due = null;
    this.problem = null;
  }

  async confirm(): Promise<void> {
    const keep = this.due?.keep;
    if (keep) await this.#tell(() => this.#choose(keep));
  }

  async keepThem(): Promise<void> {
    await this.#tell(async () => {
      this.known = await memory.keepThem();
    });
  }

  async #choose(keep: Span): Promise<void> {
    this.known = await memory.retain(keep);
    this.due = null;
  }

  async #tell(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }
}
