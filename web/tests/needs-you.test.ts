import { describe, expect, it } from "vitest";
import type { ApprovalCard, Card } from "../src/lib/api/types";
import { broughtUpTo, fits, itemAt, isForBatch, soonestFirst, textOf, valueFrom } from "../src/screens/needs-you/queue";
import { isWhole, joined } from "../src/screens/needs-you/seen";

const approval = (id: string, changes: Partial<ApprovalCard> = {}): ApprovalCard => ({
  kind: "approval", id, run_id: `run-${id}`, title: id, asked_for: "", tool: "send", effect_kind: "send", arguments: [], hash: `h-${id}`,
  is_reversible: false, why: "", asked_at: "10", expires_at: "90", on_expiry: "", ...changes,
});
const failure = (id: string): Card => ({ kind: "failure", id, run_id: id, title: id, asked_for: "", text: "", asked_at: "05" });
const question = (id: string, asked_at = "07"): Card => ({ kind: "question", id, run_id: id, title: id, asked_for: "", text: "", asked_at, expires_at: null, on_expiry: "" });
const ids = (items: { card: Card }[]) => items.map(({ card }) => card.id);

describe("what waits", () => {
  it("stands with what expires first at its head", () => {
    expect(ids(soonestFirst([failure("f"), approval("late"), question("q"), approval("soon", { expires_at: "20" })]))).toEqual(["soon", "late", "f", "q"]);
  });

  it("keeps its places: the new waits behind, and what has gone says so where it stands", () => {
    const before = soonestFirst([approval("a"), failure("f")]);
    const { items, fresh } = broughtUpTo(before, [approval("first", { expires_at: "01" }), failure("f")], "12");
    expect(ids(items)).toEqual(["a", "f"]);
    expect(items[0]?.fate).toEqual({ kind: "gone", at: "12", run: null });
    expect(ids(fresh)).toEqual(["first"]);
    expect(broughtUpTo(items, [approval("a"), failure("f")], "13").items[0]?.fate).toBeNull();
  });

  it("says when what it asks for has changed", () => {
    const { items } = broughtUpTo(soonestFirst([approval("a"), approval("b")]), [approval("a", { hash: "other" }), approval("b")], "12");
    expect(items.map(({ isChanged }) => isChanged)).toEqual([true, false]);
  });

  it("leaves alone what was answered here, and what is on its way", () => {
    const before = soonestFirst([approval("a"), approval("b")]).map((item, at) =>
      at ? item : { ...item, fate: { kind: "yes" as const, at: "11", run: null } },
    );
    const { items } = broughtUpTo(before, [], "12", new Set([before[1]?.key ?? ""]));
    expect(items.map(({ fate }) => fate?.kind)).toEqual(["yes", undefined]);
  });

  it("puts the question that came of an edit in the place of the old one, at the same address", () => {
    const before = soonestFirst([approval("a"), approval("b")]).map((item, at) =>
      at ? item : { ...item, fate: { kind: "edited" as const, at: "11", run: null } },
    );
    const { items, fresh } = broughtUpTo(before, [approval("b"), approval("a2", { run_id: "run-a", asked_at: "11" })], "12");
    expect(ids(items)).toEqual(["a2", "b"]);
    expect(fresh).toEqual([]);
    expect(itemAt(items, "a")?.card.id).toBe("a2");
  });

  it("is a new card when the same run asks again", () => {
    const { items, fresh } = broughtUpTo(soonestFirst([question("r")]), [question("r", "08")], "12");
    expect(items[0]?.fate?.kind).toBe("gone");
    expect(fresh).toHaveLength(1);
    expect(itemAt([...items, ...fresh], "r")?.fate).toBeNull();
  });

  it("can be chosen for a batch where no words are needed", () => {
    const items = soonestFirst([approval("a"), failure("f"), question("q")]);
    expect(items.filter(isForBatch).map(({ card }) => card.id)).toEqual(["a", "f"]);
    expect(items.filter((item) => fits(item, "mend")).map(({ card }) => card.id)).toEqual(["f"]);
  });
});

describe("arguments that are edited", () => {
  it("stay what they were: text as text, the rest as JSON", () => {
    expect(valueFrom(textOf("3"), "3")).toBe("3");
    expect(valueFrom(textOf(["a", 1]), ["a", 1])).toEqual(["a", 1]);
    expect(valueFrom("4", 3)).toBe(4);
    expect(valueFrom("[1,", [1])).toBeUndefined();
  });
});

describe("the whole of an effect", () => {
  it("has been in view when no stretch of it is missing", () => {
    const upper = joined([], [0, 400]);
    expect(isWhole(upper, 900)).toBe(false);
    expect(isWhole(joined(upper, [600, 900]), 900)).toBe(false);
    expect(isWhole(joined(joined(upper, [600, 900]), [399.5, 640]), 900)).toBe(true);
    expect(isWhole([], 0)).toBe(false);
  });
});
