/** Which model answers, which others there are, and how far their weights are fetched. */
import { models as server } from "$lib/api/server";
import type { Models } from "$lib/api/types";
import { strings as s } from "$lib/strings";
import { stream } from "$lib/events/shared.svelte";

class ModelsStore {
  all = $state.raw<Models | null>(null);

  readonly active = $derived(this.all?.active ?? null);

  async load(): Promise<void> {
    this.all = await server.read();
  }

  /** A model's id as a person reads it: its title, and whether it was on this machine. */
  wordsFor(id: string): string {
    if (this.active?.id === id) return `${this.active.title}, ${this.active.is_local ? s.model.localWord : s.model.remoteWord}`;
    const name = id.slice(id.indexOf("/") + 1);
    if (!id.startsWith("local/")) return `${name}, ${s.model.remoteWord}`;
    return `${this.all?.catalogue.find((weights) => weights.name === name)?.title ?? name}, ${s.model.localWord}`;
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined") return void this.load().catch(() => undefined);
      const { event } = heard;
      if (event.type === "model.changed") void this.load().catch(() => undefined);
      else if (event.type === "weights.progress") this.#progressed(event.payload);
    });
  }

  #progressed(progress: Partial<Models["catalogue"][number]> & { name: string }): void {
    if (!this.all) return;
    const before = this.all.catalogue.find(({ name }) => name === progress.name);
    const catalogue = this.all.catalogue.map((item) => (item.name === progress.name ? { ...item, ...progress } : item));
    this.all = { ...this.all, catalogue };
    if (before && before.state !== progress.state) void this.load().catch(() => undefined);
  }
}

export const modelStore = new ModelsStore();
