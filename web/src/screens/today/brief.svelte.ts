/** The brief as it is being read: what stands there keeps its place, whatever is answered or settled meanwhile. */
import { RequestError } from "$lib/api/client";
import { brief as server } from "$lib/api/server";
import type { Brief, BriefAnswer, BriefCard } from "$lib/api/types";

/** A card where it stands, and what was said to it here; `isSettled`: it is not open any more, by no word of this page. */
export interface Placed {
  card: BriefCard;
  said: BriefAnswer | null;
  isSettled: boolean;
}

export class DayBrief {
  now = $state.raw<Brief | null>(null);
  /** A newer brief than the one that is read; shown when the person says so. */
  fresh = $state.raw<Brief | null>(null);
  cards = $state.raw<Placed[]>([]);
  problem = $state.raw<RequestError | null>(null);
  isMaking = $state(false);

  /** Whether what is being made is still to be worded. */
  readonly isWording = $derived(this.now?.summary.state === "wanted" && this.cards.length > 0);

  async load(): Promise<void> {
    await this.#try(async () => this.#take(await server.read()));
  }

  async make(): Promise<void> {
    this.isMaking = true;
    await this.#try(async () => this.#take(await server.make()));
    this.isMaking = false;
  }

  show(): void {
    if (!this.fresh) return;
    this.now = null;
    this.#take(this.fresh);
    this.fresh = null;
  }

  async say(id: string, says: BriefAnswer): Promise<void> {
    await this.#try(async () => {
      await server.answer(id, says);
      const sort = this.cards.find(({ card }) => card.id === id)?.card.sort;
      const isMeant = ({ card }: Placed) => card.id === id || (says === "less" && card.sort === sort);
      this.cards = this.cards.map((each) => (isMeant(each) ? { ...each, said: says === "open" ? null : says } : each));
    });
  }

  async lift(sort: string): Promise<void> {
    await this.#try(async () => {
      await server.lift(sort);
      this.cards = this.cards.map((each) => (each.said === "less" && each.card.sort === sort ? { ...each, said: null } : each));
      this.#take(await server.read());
    });
  }

  #take(found: Brief): void {
    if (this.now?.made_at && found.made_at !== this.now.made_at) {
      this.fresh = found;
      return;
    }
    this.now = found;
    this.cards = placed(this.cards, found.cards);
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }
}

/** What stood there stays where it stood, with its newest words; what is new comes after it. */
export function placed(before: Placed[], now: BriefCard[]): Placed[] {
  const newest = new Map(now.map((card) => [card.id, card]));
  const known = new Set(before.map(({ card }) => card.id));
  const kept = before.map((each) => {
    const card = newest.get(each.card.id);
    return { ...each, card: card ?? each.card, isSettled: !card && !each.said };
  });
  return [...kept, ...now.filter(({ id }) => !known.has(id)).map((card) => ({ card, said: null, isSettled: false }))];
}
