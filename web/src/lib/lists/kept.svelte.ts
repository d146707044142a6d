/** A list as the server has it: read whole, changed in its place, a new one at its end. */
import { attempt } from "$lib/api/attempt";
import type { RequestError } from "$lib/api/client";

export class KeptList<Item extends { id: string }> {
  /** Null until it was read. */
  all = $state.raw<Item[] | null>(null);
  problem = $state.raw<RequestError | null>(null);

  readonly #read: () => Promise<Item[]>;
  #turn = 0;

  constructor(read: () => Promise<Item[]>) {
    this.#read = read;
  }

  /** An answer that something newer has come before counts no more, unless it is the first. */
  load = async (): Promise<void> => {
    const turn = (this.#turn += 1);
    const problem = await attempt(async () => {
      const read = await this.#read();
      if (turn === this.#turn || !this.all) this.all = read;
    });
    if (turn === this.#turn) this.problem = problem;
  };

  put = (item: Item): void => {
    this.#turn += 1;
    const known = this.all ?? [];
    this.all = known.some(({ id }) => id === item.id) ? known.map((each) => (each.id === item.id ? item : each)) : [...known, item];
  };

  drop = (gone: string): void => {
    this.#turn += 1;
    this.all = this.all?.filter(({ id }) => id !== gone) ?? null;
  };
}
