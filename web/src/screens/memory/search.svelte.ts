/** Searching every word as one types: the newest question wins, old content stays until the new is there. */
import { RequestError } from "$lib/api/client";
import { memory } from "$lib/api/server";
import type { EntryLite, Hit, SearchQuery, SearchResult } from "$lib/api/types";
import { dayAfter, startOfDay } from "$lib/time";
import { indexOfCodePoint } from "$lib/conversation/codepoints";
import { saidBy } from "./who";

const PAGE = 30;
const SLOW_MS = 400;
const BEFORE = 160;
const BEHIND = 360;

export class MemorySearch {
  result = $state.raw<SearchResult | null>(null);
  /** What recall finds where no entry has every word. */
  nearest = $state.raw<Hit[]>([]);
  problem = $state.raw<RequestError | null>(null);
  isSlow = $state(false);
  #asked = new AbortController();
  #query: SearchQuery | null = null;

  async look(query: SearchQuery | null): Promise<void> {
    this.#asked.abort();
    this.#query = query;
    if (!query) {
      this.result = null;
      this.nearest = [];
      return;
    }
    await this.#ask(query, (found) => found);
  }

  async more(): Promise<void> {
    const before = this.result;
    if (!before?.next || !this.#query) return;
    await this.#ask({ ...this.#query, cursor: before.next }, (found) => ({ ...found, hits: [...before.hits, ...found.hits] }));
  }

  async #near(query: SearchQuery, signal: AbortSignal): Promise<Hit[]> {
    if (!query.query || isNarrowed(query)) return [];
    return (await memory.nearest(query.query, signal)).hits;
  }

  async #ask(query: SearchQuery, joined: (found: SearchResult) => SearchResult): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    const slow = setTimeout(() => (this.isSlow = true), SLOW_MS);
    try {
      const found = await memory.search({ ...query, limit: PAGE }, asked.signal);
      if (asked.signal.aborted) return;
      const nearest = found.hits.length ? [] : await this.#near(query, asked.signal);
      if (asked.signal.aborted) return;
      this.nearest = nearest;
      this.result = joined(found);
      this.problem = null;
    } catch (error) {
      if (asked.signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
      this.result = null; // what was found before answers another question
      this.nearest = [];
    } finally {
      clearTimeout(slow);
      if (this.#asked === asked) this.isSlow = false;
    }
  }
}

/** What narrows a search beyond its words; recall reads names and times out of the words alone. */
const isNarrowed = (query: SearchQuery): boolean => Object.keys(query).some((name) => name !== "query");

/** The question that a step of the history asks; null where it has none. Without words, the last said comes first. */
export function queryFrom({ words, speaker, origin: source, kind, from, to }: Readonly<Record<string, string>>, zone: string): SearchQuery | null {
  const query = words?.trim() ?? "";
  if (!query && !(speaker || source || kind || from || to)) return null;
  return {
    query,
    ...saidBy(speaker),
    ...(source && { source }),
    ...(kind && { kind: kind as EntryLite["kind"] }),
    ...(from && { from: startOfDay(from, zone) }),
    ...(to && { to: startOfDay(dayAfter(to), zone) }), // the day named is included
  };
}

export interface Piece {
  text: string;
  isMarked: boolean;
}

/** The found words with some text around them; a short entry whole. */
export function snippetOf({ entry, highlights }: Pick<Hit, "entry" | "highlights">): Piece[] {
  const spans = highlights
    .map(([start, end]) => [indexOfCodePoint(entry.text, start), indexOfCodePoint(entry.text, end)] as const)
    .sort((a, b) => a[0] - b[0]);
  const first = spans[0]?.[0] ?? 0;
  const isShort = entry.text.length <= BEFORE + BEHIND;
  const from = isShort || first <= BEFORE ? 0 : wordStart(entry.text, first - BEFORE);
  const to = isShort ? entry.text.length : Math.min(entry.text.length, Math.max(first + BEHIND, from + BEFORE + BEHIND));
  const pieces: Piece[] = from > 0 ? [{ text: "… ", isMarked: false }] : [];
  let at = from;
  for (const [start, end] of spans) {
    if (start < at || end > to) continue;
    pieces.push({ text: entry.text.slice(at, start), isMarked: false }, { text: entry.text.slice(start, end), isMarked: true });
    at = end;
  }
  pieces.push({ text: entry.text.slice(at, to) + (to < entry.text.length ? " …" : ""), isMarked: false });
  return pieces.filter(({ text }) => text);
}

function wordStart(text: string, near: number): number {
  const space = text.indexOf(" ", near);
  return space < 0 ? near : space + 1;
}
