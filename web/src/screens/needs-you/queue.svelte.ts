/** What waits for the person, and what they say to it. */
import { RequestError } from "$lib/api/client";
import { needsYou as server, runs, schedules, triggers, work } from "$lib/api/server";
import type { Run } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";
import { mayChangeCards, needs } from "$lib/stores/needs.svelte";
import { broughtUpTo, soonestFirst, type ApprovalItem, type Fate, type Item } from "./queue";

const RELOAD_AFTER_MS = 150;

export class Queue {
  items = $state.raw<Item[]>([]);
  /** New since the page was opened; they wait behind a line. */
  fresh = $state.raw<Item[]>([]);
  isLoaded = $state(false);
  problem = $state.raw<RequestError | null>(null);
  /** What the server refused last, and of which item. */
  refused = $state.raw<{ key: string; error: RequestError } | null>(null);

  #underway = new Set<string>();
  #loading: Promise<void> | null = null;
  #isStale = false;

  /** Loads what waits now; asked while it loads, it loads once more behind that. */
  load(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#loadUntilFresh().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #loadUntilFresh(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#load();
    }
  }

  async #load(): Promise<void> {
    try {
      const { cards } = await server.read();
      const { items, fresh } = broughtUpTo(this.items, cards, new Date().toISOString(), this.#underway);
      this.items = this.isLoaded ? items : soonestFirst(cards);
      this.fresh = this.isLoaded ? fresh : [];
      this.isLoaded = true;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    let timer = 0;
    const undo = stream.listen((heard) => {
      if (heard.kind === "event" && heard.event.type === "run.state") this.#ran(heard.event.payload.run);
      if (!mayChangeCards(heard)) return;
      clearTimeout(timer);
      timer = window.setTimeout(() => void this.load(), RELOAD_AFTER_MS);
    });
    return () => {
      clearTimeout(timer);
      undo();
    };
  }

  /** Shows what has come since, below what is there. */
  takeIn(): void {
    this.items = [...this.items, ...soonestFirst(this.fresh.map(({ card }) => card))];
    this.fresh = [];
  }

  putOff(item: Item): void {
    this.#change(item.key, { isLater: true });
  }

  answer(item: ApprovalItem, yes: boolean): Promise<boolean> {
    const { id, hash } = item.card;
    return this.#act(item, yes ? "yes" : "no", () => server.answer(id, yes, hash));
  }

  async edit(item: ApprovalItem, values: Record<string, unknown>): Promise<boolean> {
    const isDone = await this.#act(item, "edited", () => server.edit(item.card.id, values));
    if (isDone) await this.load();
    return isDone;
  }

  reply(item: Item, text: string): Promise<boolean> {
    return this.#act(item, "replied", () => server.reply(item.card.run_id, text));
  }

  settle(item: Item, happened: boolean): Promise<boolean> {
    return this.#act(item, happened ? "happened" : "not", () => server.settle(item.card.id, happened));
  }

  again(item: Item): Promise<boolean> {
    return this.#act(item, "again", async () => {
      const { run } = await work.again(item.card.run_id);
      await runs.seen(item.card.run_id);
      return run;
    });
  }

  dismiss(item: Item): Promise<boolean> {
    return this.#act(item, "dismissed", async () => {
      await runs.seen(item.card.run_id);
      return null;
    });
  }

  resumeSchedule(item: Item): Promise<boolean> {
    return this.#act(item, "resumed", async () => {
      await (item.card.kind === "trigger" ? triggers : schedules).resume(item.card.id);
      return null;
    });
  }

  deleteSchedule(item: Item): Promise<boolean> {
    return this.#act(item, "deleted", async () => {
      await (item.card.kind === "trigger" ? triggers : schedules).remove(item.card.id);
      return null;
    });
  }

  /** Does it once; whether it was done. What has changed meanwhile is shown as it is now. */
  async #act(item: Item, kind: Fate["kind"], act: () => Promise<Run | null>): Promise<boolean> {
    if (this.#underway.has(item.key) || item.fate) return false;
    this.#underway.add(item.key);
    this.refused = null;
    try {
      const run = await act();
      this.#change(item.key, { fate: { kind, at: new Date().toISOString(), run } });
      return true;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.refused = { key: item.key, error };
      if (!error.isUnreachable) await this.load();
      return false;
    } finally {
      this.#underway.delete(item.key);
      void needs.load().catch(() => undefined);
    }
  }

  #change(key: string, changes: Partial<Item>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...changes } : item));
  }

  #ran(run: Run): void {
    this.items = this.items.map((item) =>
      item.fate?.run?.id === run.id ? { ...item, fate: { ...item.fate, run: { ...item.fate.run, ...run } } } : item,
    );
  }
}
