import { describe, expect, it } from "vitest";
import type { Entry, Run } from "../src/lib/api/types";
import { applied, answeredAgain, emptyThread, notesOf, pendingOf, threadFrom, waitingBehind, type Thread } from "../src/lib/conversation/thread";
import type { LiveEvent } from "../src/lib/events/types";

const conversation = { id: "c1", title: "Roof", updated_at: "", created_at: "", pinned: false, archived: false, source: "everword", is_running: false };

function run(changes: Partial<Run> = {}): Run {
  return {
    id: "r1", kind: "chat", state: "running", waiting_for: null, conversation_id: "c1", title: null, created_at: "",
    started_at: null, ended_at: null, attempt: 1, error: null, queue: null, ...changes,
  };
}

function entry(id: string, parent_id: string | null, changes: Partial<Entry> = {}): Entry {
  return {
    id, position: 1, conversation_id: "c1", parent_id, kind: "message", label: "owner", speaker: "Anna", source: "everword",
    said_at: "", recorded_at: "", text: id, state: "complete", model: null, run_id: null, unseen: [], why: null, is_queued: false, versions: [],
    attachments: [], basis: null, citations: [], unquoted: 0, found: [], ...changes,
  };
}

let position = 100;
function event<Type extends LiveEvent["type"]>(type: Type, payload: unknown, run_id: string | null = "r1"): LiveEvent {
  position += 1;
  return { type, position, run_id, created_at: "", payload } as LiveEvent;
}

function answering(): Thread {
  return { ...emptyThread(conversation), entries: [entry("m1", null)], pending: pendingOf(run()), position: 100 };
}

const delta = (text: string, offset: number) => event("run.delta", { text, offset });
const textOf = (thread: Thread) => thread.pending?.text;

describe("an answer that is being written", () => {
  it("grows by pieces in order", () => {
    const thread = [delta("Wim is ", 0), delta("free.", 7)].reduce(applied, answering());
    expect(textOf(thread)).toBe("Wim is free.");
  });

  it("counts in code points, as the server does", () => {
    const thread = [delta("😀é", 0), delta("!", 2)].reduce(applied, answering());
    expect(textOf(thread)).toBe("😀é!");
    expect(thread.isStale).toBe(false);
  });

  it("takes a piece that overlaps only once", () => {
    const thread = [delta("Wim is", 0), delta("is free", 4)].reduce(applied, answering());
    expect(textOf(thread)).toBe("Wim is free");
  });

  it("asks for the snapshot when a piece is missing", () => {
    expect(applied(answering(), delta("late", 5)).isStale).toBe(true);
  });

  it("starts again at a reset and keeps what broke off as a version", () => {
    const broken = entry("a0", "m1", { label: "assistant", run_id: "r1", state: "interrupted" });
    const thread = [
      delta("Wim", 0),
      event("entry.added", { conversation_id: "c1", entry: broken }),
      event("run.reset", { attempt: 2, why: "restarted" }),
      delta("Jonah", 0),
    ].reduce(applied, answering());
    expect(textOf(thread)).toBe("Jonah");
    expect(thread.pending?.run.attempt).toBe(2);
    expect(thread.pending?.interrupted).toEqual([broken]);
    expect(thread.entries).toHaveLength(1);
  });

  it("ends as the entry that was written", () => {
    const answer = entry("a1", "m1", { label: "assistant", run_id: "r1" });
    const thread = [delta("Wim", 0), event("run.finished", { run: run({ state: "delivered" }), entry: answer })].reduce(
      applied,
      answering(),
    );
    expect(thread.pending).toBeNull();
    expect(thread.entries.at(-1)).toBe(answer);
  });

  it("stays as failed where there is no entry", () => {
    const failed = run({ state: "failed", error: { code: "no_credit", message: "No credit." } });
    const thread = applied(answering(), event("run.finished", { run: failed, entry: null }));
    expect(thread.pending?.run.error?.message).toBe("No credit.");
  });

  it("shows its place in the queue", () => {
    const thread = applied(answering(), event("run.queued", { position: 3, wait_s: 20 }));
    expect(thread.pending?.run.queue).toEqual({ position: 3, wait_s: 20 });
  });

  it("keeps footnotes in their order, each once", () => {
    const cited = (number: number, after = number) => event("run.cited", { citation: { number, after, quote: {} } });
    const thread = [cited(2), cited(1), cited(2), cited(1, 9)].reduce(applied, answering());
    expect(thread.pending?.citations.map(({ number, after }) => [number, after])).toEqual([[1, 1], [2, 2], [1, 9]]);
    expect(notesOf(thread.pending?.citations ?? []).map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe("joining a stream", () => {
  it("drops what the snapshot already contains", () => {
    const thread = answering();
    const old = { ...delta("Wim", 0), position: 100 };
    expect(applied(thread, old)).toBe(thread);
  });

  it("goes on in the middle of an answer", () => {
    const pending = { pending: true as const, run: run(), text: "Wim is ", found: [], citations: [], model: null, basis: null };
    const joined = threadFrom({ conversation, turns: [entry("m1", null), pending], waiting: [], earlier: 0, event_position: 100 });
    expect(textOf(applied(joined, delta("free", 7)))).toBe("Wim is free");
  });

  it("leaves other conversations alone", () => {
    const thread = answering();
    expect(applied(thread, event("entry.added", { conversation_id: "c2", entry: entry("x", null) }))).toBe(thread);
    expect(applied(thread, event("run.delta", { text: "x", offset: 0 }, "r2"))).toBe(thread);
  });
});

describe("branches", () => {
  const long = (): Thread => ({
    ...emptyThread(conversation),
    entries: [entry("m1", null), entry("a1", "m1", { label: "assistant" }), entry("m2", "a1")],
  });

  it("an edited message takes the place of the old one and what followed", () => {
    const thread = applied(long(), event("entry.added", { conversation_id: "c1", entry: entry("m2b", "a1") }));
    expect(thread.entries.map(({ id }) => id)).toEqual(["m1", "a1", "m2b"]);
  });

  it("an answer made again stands alone after its question", () => {
    const thread = answeredAgain(long(), "m1", run());
    expect(thread.entries.map(({ id }) => id)).toEqual(["m1"]);
    expect(thread.pending?.run.id).toBe("r1");
  });

  it("an entry whose parent is not shown asks for the snapshot", () => {
    const thread = applied(long(), event("entry.added", { conversation_id: "c1", entry: entry("z", "elsewhere") }));
    expect(thread.isStale).toBe(true);
  });
});

describe("messages that wait behind an answer", () => {
  const waiting = (id: string, runId: string) => ({ entry: entry(id, "m1", { is_queued: true }), run: run({ id: runId, state: "queued" }) });
  const queued = (): Thread => ({ ...answering(), waiting: [waiting("m2", "r2"), waiting("m3", "r3")] });
  const state = (changes: Partial<Run>) => event("run.state", { run: run(changes), cause: null }, changes.id);

  it("stand apart from the turns until it is their turn", () => {
    const answer = entry("a1", "m1", { label: "assistant", run_id: "r1" });
    const ended = applied(queued(), event("run.finished", { run: run({ state: "delivered" }), entry: answer }));
    expect(ended.entries.map(({ id }) => id)).toEqual(["m1", "a1"]);
    const next = applied(ended, state({ id: "r2", state: "running" }));
    expect(next.entries.map(({ id }) => id)).toEqual(["m1", "a1", "m2"]);
    expect(next.pending?.run.id).toBe("r2");
    expect(next.waiting.map((item) => item.entry.id)).toEqual(["m3"]);
    expect(next.isStale).toBe(false);
  });

  it("are gone when they were taken back", () => {
    const left = applied(queued(), state({ id: "r2", state: "cancelled" }));
    expect(left.waiting.map((item) => item.entry.id)).toEqual(["m3"]);
    expect(left.entries).toHaveLength(1);
  });

  it("keep their place as another version", () => {
    const edited = waitingBehind(queued(), entry("m2b", "m1", { is_queued: true }), run({ id: "r2", state: "queued" }));
    expect(edited.waiting.map((item) => item.entry.id)).toEqual(["m2b", "m3"]);
  });

  it("ask for the snapshot when they were said in another tab", () => {
    const elsewhere = entry("m4", "m1", { is_queued: true });
    const told = applied(queued(), event("entry.added", { conversation_id: "c1", entry: elsewhere }, null));
    expect(told.isStale).toBe(true);
    expect(told.entries).toHaveLength(1);
  });
});
