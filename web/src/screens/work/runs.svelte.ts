/** The runs of one kind of state, as a list that does not move under the reader. */
import { RequestError } from "$lib/api/client";
import { work as server } from "$lib/api/server";
import type { Run } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";
import { steady } from "$lib/lists/steady";
import { ENDED, inOrder, OPEN } from "./lines";

export type Which = "open" | "ended";

const PAGE = 50;
const STATES = { open: OPEN, ended: ENDED };
const idOf = ({ id }: Run): string => id;

export class RunList {
  runs = $state.raw<Run[]>([]);
  /** Come since the list was opened; they wait behind a line. */
  fresh = $state.raw<Run[]>([]);
  next = $state.raw<string | null>(null);
  isLoaded = $state(false);
  problem = $state.raw<RequestError | null>(null);

  #which: Which = "open";

  async look(which: Which): Promise<void> {
    if (which !== this.#which) {
      this.runs = [];
      this.fresh = [];
      this.next = null;
      this.isLoaded = false;
    }
    this.#which = which;
    await this.#attempt(async () => {
      const page = await server.list({ state: STATES[which], limit: PAGE });
      if (which !== this.#which) return;
      if (this.isLoaded) {
        const { shown, fresh } = steady(this.runs, page.runs, idOf);
        this.runs = shown;
        this.fresh = fresh;
      } else {
        this.runs = which === "open" ? inOrder(page.runs) : page.runs;
        this.next = page.next;
      }
      this.isLoaded = true;
    });
  }

  async more(): Promise<void> {
    const before = this.next;
    if (!before) return;
    await this.#attempt(async () => {
      const page = await server.list({ state: STATES[this.#which], before, limit: PAGE });
      this.runs = [...this.runs, ...steady(this.runs, page.runs, idOf).fresh];
      this.next = page.next;
    });
  }

  /** A run that was begun on this page: it stands first. */
  add(run: Run): void {
    this.fresh = this.fresh.filter(({ id }) => id !== run.id);
    this.runs = [run, ...this.runs.filter(({ id }) => id !== run.id)];
  }

  takeIn(): void {
    this.runs = [...this.fresh, ...this.runs];
    this.fresh = [];
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined") void this.look(this.#which);
      else if (heard.event.type === "run.state" || heard.event.type === "run.finished") this.#put(heard.event.payload.run);
    });
  }

  #put(run: Run): void {
    if (run.kind !== "work" || !this.isLoaded) return;
    const told = (before: Run): Run => (before.id === run.id ? { ...before, ...run, title: run.title ?? before.title } : before);
    const isKnown = [...this.runs, ...this.fresh].some(({ id }) => id === run.id);
    this.runs = this.runs.map(told);
    // What nobody has seen here yet and belongs here no more is no news.
    this.fresh = this.fresh.map(told).filter(({ state }) => STATES[this.#which].includes(state));
    if (!isKnown && STATES[this.#which].includes(run.state)) this.fresh = [run, ...this.fresh];
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }
}
