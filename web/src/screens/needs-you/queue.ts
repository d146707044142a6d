/** The cards that wait for the person, as a list that does not move under the reader. */
import type { ApprovalCard, Card, Run } from "$lib/api/types";
import { steady } from "$lib/lists/steady";

/** What became of a card while it was shown. `gone`: without this page, by its expiry or on another one. */
export interface Fate {
  kind: "yes" | "no" | "edited" | "replied" | "happened" | "not" | "again" | "dismissed" | "resumed" | "deleted" | "gone";
  at: string;
  run: Run | null;
}

export interface Item {
  key: string;
  card: Card;
  fate: Fate | null;
  /** The person wants to decide another time. */
  isLater: boolean;
  /** It asks for something else than when it was shown first. */
  isChanged: boolean;
  /** Keys and ids of the questions it took the place of. */
  former: readonly string[];
}

export type Filter = "all" | "approve" | "answer" | "mend";

const FILTERS: Record<Card["kind"], Filter> = { approval: "approve", question: "answer", unknown: "mend", failure: "mend", schedule: "mend", trigger: "mend" };

/** A run may ask twice: it is the asking that is a card. */
const keyOf = (card: Card): string => `${card.kind} ${card.id} ${card.asked_at}`;

const itemOf = (card: Card): Item => ({ key: keyOf(card), card, fate: null, isLater: false, isChanged: false, former: [] });

const expiryOf = (card: Card): string => ("expires_at" in card && card.expires_at) || "9999";

/** What expires first stands first, then what was asked first. */
export function soonestFirst(cards: Card[]): Item[] {
  const order = (a: Card, b: Card) => expiryOf(a).localeCompare(expiryOf(b)) || a.asked_at.localeCompare(b.asked_at);
  return cards.toSorted(order).map(itemOf);
}

/**
 * The list brought up to what the server holds now: no item changes its place, what has gone says so where it stands,
 * and what is new waits. The new question that came of an edit takes the place of the old one. What is `underway` to
 * the server is left alone: its answer says what became of it.
 */
export function broughtUpTo(items: Item[], cards: Card[], at: string, underway: ReadonlySet<string> = new Set()) {
  const now = new Map(cards.map((card) => [keyOf(card), card]));
  const { fresh } = steady(items, cards.map(itemOf), ({ key }) => key);
  const successors = new Set<string>();
  const kept = items.map((before): Item => {
    if (before.fate?.kind === "edited") {
      const next = fresh.find(({ key, card }) => isQuestionOf(before, card) && !successors.has(key));
      if (next) successors.add(next.key);
      return next ? { ...next, former: [...before.former, before.key, before.card.id] } : before;
    }
    if (underway.has(before.key) || (before.fate && before.fate.kind !== "gone")) return before;
    const card = now.get(before.key);
    if (!card) return { ...before, fate: before.fate ?? { kind: "gone", at, run: null } };
    return { ...before, card, fate: null, isChanged: before.isChanged || hashOf(before.card) !== hashOf(card) };
  });
  return { items: kept, fresh: fresh.filter(({ key }) => !successors.has(key)) };
}

const isQuestionOf = (before: Item, card: Card): boolean => card.kind === "approval" && card.run_id === before.card.run_id;

const hashOf = (card: Card): string => (card.kind === "approval" ? card.hash : "");

/** The item at an address, by its own id or that of its run: what still waits goes before what is over. */
export function itemAt(items: Item[], id: string | null): Item | null {
  const found = items.filter(({ card, former }) => id !== null && (card.id === id || card.run_id === id || former.includes(id)));
  return found.find(({ fate }) => !fate) ?? found[0] ?? null;
}

export const fits = (item: Item, filter: Filter): boolean => filter === "all" || FILTERS[item.card.kind] === filter;

export const isOpen = (item: Item): boolean => item.fate === null;

/** Approvals and failures can be answered several at once; words cannot. */
export const isForBatch = ({ card, fate }: Item): boolean => fate === null && (card.kind === "approval" || card.kind === "failure");

export type ApprovalItem = Item & { card: ApprovalCard };

export const isApproval = (item: Item): item is ApprovalItem => item.card.kind === "approval";

/** An argument as it is edited: text as it is, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** The value that edited text stands for; undefined where it is no JSON and has to be. */
export function valueFrom(text: string, before: unknown): unknown {
  if (typeof before === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
