/** A list that does not move under whoever reads it. */

export interface Steady<Item> {
  /** As they were shown, in their order and with what is known of them now; those that have gone stay as they were. */
  shown: Item[];
  /** What has come since: it waits behind a line until it is asked for. */
  fresh: Item[];
}

/** What is shown, brought up to `now` without a line changing its place. */
export function steady<Item>(shown: Item[], now: Item[], keyOf: (item: Item) => string): Steady<Item> {
  const current = new Map(now.map((item) => [keyOf(item), item]));
  const known = new Set(shown.map(keyOf));
  return {
    shown: shown.map((item) => current.get(keyOf(item)) ?? item),
    fresh: now.filter((item) => !known.has(keyOf(item))),
  };
}
