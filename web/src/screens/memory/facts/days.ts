/** When a fact holds, in words. */
import type { Fact, FactDay } from "$lib/api/types";
import { strings as s } from "$lib/strings";
import { longDate } from "$lib/time";

/** 1 May 2026, May 2026 or 2026: no more exactly than it is known. */
export function dayWords({ day, precision }: FactDay, today: string): string {
  const [year = "", month = "1"] = day.split("-");
  if (precision === "year") return year;
  if (precision === "month") return `${s.months[Number(month) - 1]} ${year}`;
  return longDate(day, today);
}

export function spanWords(since: FactDay | null, until: FactDay | null, today: string): string {
  const from = since && dayWords(since, today);
  const to = until && dayWords(until, today);
  if (from && from === to) return s.facts.on(from);
  if (from && to) return s.facts.between(from, to);
  if (from) return s.facts.from(from);
  if (to) return until.precision === "by" ? s.facts.overBy(to) : s.facts.until(to);
  return "";
}

export function whenWords(fact: Fact, today: string): string {
  const span = spanWords(fact.since, fact.until, today);
  return fact.is_disputed ? s.facts.undecided : span || s.facts.now;
}
