/** The facts of one state, page by page, and what the person decides about them. */
import { RequestError } from "$lib/api/client";
import { facts } from "$lib/api/server";
import type { Distilling, Fact, FactsPage } from "$lib/api/types";

export type FactState = "current" | "past" | "disputed" | "refused";

export interface Wanted {
  state: FactState;
  /** "" is the owner; null: anybody. */
  subject: string | null;
  words: string;
}

const PAGE = 30;

export class FactList {
  facts = $state.raw<Fact[]>([]);
  counts = $state.raw<FactsPage["counts"]>({});
  subjects = $state.raw<FactsPage["subjects"]>([]);
  distilling = $state.raw<Distilling | null>(null);
  total = $state(0);
  isLoaded = $state(false);
  problem = $state.raw<RequestError | null>(null);
  refused = $state.raw<RequestError | null>(null);
  #wanted: Wanted = { state: "current", subject: null, words: "" };

  async look(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    await this.#load(0, PAGE);
  }

  /** The same again, as far as it was shown: something was learned. */
  async again(): Promise<void> {
    await this.#load(0, Math.max(PAGE, this.facts.length));
  }

  async more(): Promise<void> {
    await this.#load(this.facts.length, PAGE);
  }

  async decide(act: () => Promise<Fact>): Promise<boolean> {
    try {
      await act();
      this.refused = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.refused = error;
      return false;
    }
    await this.again();
    return true;
  }

  async #load(skip: number, limit: number): Promise<void> {
    const wanted = this.#wanted;
    try {
      const query = { state: wanted.state, words: wanted.words, skip, limit: Math.min(200, limit) };
      const [page, distilling] = await Promise.all([
        facts.search(wanted.subject === null ? query : { ...query, subject: wanted.subject }),
        facts.distilling(),
      ]);
      if (wanted !== this.#wanted) return;
      this.facts = skip ? [...this.facts, ...page.facts] : page.facts;
      this.counts = page.counts;
      this.subjects = page.subjects;
      this.total = page.total;
      this.distilling = distilling;
      this.isLoaded = true;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }
}
