/** The bounds of a run as they are told, as they stand in their fields, and as they are meant. */
import type { Spent } from "$lib/api/types";
import { count, dollars } from "$lib/figures";
import { strings as s } from "$lib/strings";
import { lengthOf } from "$lib/time";

export type Bound = keyof Spent;
export const BOUNDS: Bound[] = ["tokens", "dollars", "calls", "seconds"];
const MINUTE_S = 60;
const FIGURE = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 4 });
const THOUSANDS = /^[1-9]\d{0,2}([,\s]\d{3})+(\.\d+)?$/;

/** At most 200,000 tokens, $2.00, 50 calls of tools, 4 h of work a run */
export function told(ceiling: Spent): string {
  return s.ceilings.atMost(count(ceiling.tokens), dollars(ceiling.dollars), count(ceiling.calls), lengthOf(ceiling.seconds));
}

/** As it stands in its field: time in minutes. */
export function shown(name: Bound, value: number): string {
  return FIGURE.format(name === "seconds" ? value / MINUTE_S : value);
}

/** The number that was meant: 200,000 and 200 000 have thousands, 0,5 is a half. Words stay as they are. */
export function valueOf(name: Bound, typed: string): number | string {
  const text = typed.trim();
  const plain = THOUSANDS.test(text) ? text.replaceAll(/[,\s]/g, "") : text.replace(",", ".");
  const value = Number(plain);
  if (!Number.isFinite(value)) return text;
  return name === "seconds" ? Math.round(value * MINUTE_S) : value;
}

/** All of them, as they stand in their fields. */
export function fieldsOf(ceiling: Spent): Record<Bound, string> {
  return Object.fromEntries(BOUNDS.map((name) => [name, shown(name, ceiling[name])])) as Record<Bound, string>;
}
