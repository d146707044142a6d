import { describe, expect, it } from "vitest";
import type { BriefCard } from "../src/lib/api/types";
import { placed } from "../src/screens/today/brief.svelte";
import { cardAddress } from "../src/screens/today/cardAddress";
import { linesOf, pairsOf } from "../src/screens/servers/lines";

const card = (id: string, changes: Partial<BriefCard> = {}): BriefCard => ({
  id, kind: "decide", source: "task", source_id: `of-${id}`, title: id, why: "", body: "", came_at: "", due_at: null, run_id: null,
  run_kind: "", conversation_id: null, quote: null, can_less: false, sort: "", held_back: null, ...changes,
});

describe("the brief while it is read", () => {
  it("keeps each card in its place, and says what was settled elsewhere", () => {
    const before = placed([], [card("a"), card("b"), card("c")]);
    const said = before.map((each) => (each.card.id === "b" ? { ...each, said: "done" as const } : each));
    const now = placed(said, [card("new"), card("a", { why: "due 12:00" })]);
    expect(now.map(({ card: { id } }) => id)).toEqual(["a", "b", "c", "new"]);
    expect(now.map(({ isSettled }) => isSettled)).toEqual([false, false, true, false]);
    expect(now[0]?.card.why).toBe("due 12:00");
  });
});

describe("where a card leads", () => {
  it("is to what it tells of; a task and a promise are answered in their place", () => {
    expect(cardAddress(card("a", { source: "approval" }))).toBe("/needs-you/of-a");
    expect(cardAddress(card("a", { source: "question", run_id: "r" }))).toBe("/needs-you/r");
    expect(cardAddress(card("a", { source: "answer", run_id: "r", run_kind: "work" }))).toBe("/work/r");
    expect(cardAddress(card("a", { source: "answer", run_id: "r", run_kind: "chat.turn", conversation_id: "c" }))).toBe("/conversations/c");
    expect(cardAddress(card("a", { source: "promise" }))).toBeNull();
  });
});

describe("the secrets of a server", () => {
  it("are one NAME=value a line, and anything else is refused", () => {
    expect(linesOf(" --root \n\n /tmp ")).toEqual(["--root", "/tmp"]);
    expect(pairsOf("TOKEN=a=b\nX-Key = c ")).toEqual({ TOKEN: "a=b", "X-Key": "c" });
    expect(pairsOf("")).toEqual({});
    expect(pairsOf("no value")).toBeNull();
  });
});
