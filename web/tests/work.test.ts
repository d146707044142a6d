import { describe, expect, it } from "vitest";
import type { OpenedWork, Step, Transition, WorkRun } from "../src/lib/api/types";
import { steady } from "../src/lib/lists/steady";
import { addressOfRun } from "../src/lib/routes";
import { shown, told, valueOf } from "../src/screens/work/bounds";
import { argumentsOf, courseOf, inOrder } from "../src/screens/work/lines";

const NONE = { tokens: 0, calls: 0, seconds: 0, dollars: 0 };
const run = (changes: Partial<WorkRun> = {}): WorkRun =>
  ({
    id: "r1", kind: "work", state: "running", waiting_for: null, conversation_id: null, title: "Pack", created_at: "10",
    started_at: null, ended_at: null, attempt: 1, error: null, queue: null, waits_until: null, parent_id: null, is_paused: false, spent: NONE, ceiling: NONE, ...changes,
  }) as WorkRun;
const step = (id: string, at: string, kind: Step["kind"], changes: Partial<Step> = {}): Step => ({
  id, at, kind, tool: null, text: id, label: "assistant", effect: null, ...changes,
});
const turn = (at: string, from_state: WorkRun["state"], to_state: WorkRun["state"], cause: string): Transition => ({ at, from_state, to_state, cause });
const course = (work: Partial<OpenedWork>) => courseOf({ run: run(), steps: [], transitions: [], ...work });

describe("the course of a run", () => {
  it("tells of each turn with its cause, and of a restart as one", () => {
    const { lines } = course({
      transitions: [
        turn("01", "queued", "queued", "asked by the owner"),
        turn("02", "queued", "running", "begun"),
        turn("03", "running", "running", "taken up again after the program ended"),
        turn("04", "running", "waiting", "asks for a yes"),
        turn("05", "waiting", "queued", "you said yes"),
        turn("06", "queued", "running", "begun"),
        turn("07", "running", "delivered", "done"),
      ],
    });
    expect(lines.map((line) => [line.kind, "cause" in line && line.cause])).toEqual([
      ["restart", "taken up again after the program ended"],
      ["turn", "asks for a yes"],
      ["goes on", "you said yes"],
      ["turn", "done"],
    ]);
  });

  it("tells a cause to the owner, and a stop once", () => {
    const { lines } = course({
      transitions: [
        turn("01", "queued", "queued", "begun by the owner"),
        turn("02", "running", "waiting", "waits for the owner's answer"),
        turn("03", "waiting", "queued", "resumed by the owner"),
        turn("04", "queued", "cancelled", "stopped by the owner while it waited"),
        turn("05", "running", "cancelled", "stopped by the owner"),
        turn("06", "unknown", "cancelled", "its target said what became of the effect"),
      ],
    });
    expect(lines.map((line) => "cause" in line && line.cause)).toEqual([
      "for your answer", "resumed by you", "while it waited", "", "its target said what became of the effect",
    ]);
  });

  it("puts what came back with the call it answers, also where a tool was called twice at once", () => {
    const { lines } = course({
      steps: [
        step("c1", "02", "call", { tool: "fetch" }),
        step("c2", "02", "call", { tool: "fetch" }),
        step("n", "03", "note"),
        step("r1", "04", "result", { tool: "fetch" }),
        step("lost", "05", "result", { tool: "recall" }),
      ],
      transitions: [turn("01", "queued", "queued", ""), turn("025", "running", "waiting", "x")],
    });
    const told = lines.map((line) => (line.kind === "call" ? `${line.call.id} ${line.result?.id ?? "open"}` : line.kind === "words" ? line.step.id : line.kind));
    expect(told).toEqual(["c1 r1", "c2 open", "turn", "n", "lost"]);
  });

  it("sets what was asked above it, and what was delivered once it was", () => {
    const steps = [step("q", "01", "asked"), step("half", "02", "answer"), step("last", "03", "answer")];
    expect(course({ steps }).delivered).toBeNull();
    const ended = course({ run: run({ state: "delivered" }), steps });
    expect([ended.asked?.id, ended.delivered?.id]).toEqual(["q", "last"]);
    expect(ended.lines.map(({ key }) => key)).toEqual(["half"]);
  });

  it("reads arguments by name, and leaves what is none as it is", () => {
    expect(argumentsOf(step("c", "", "call", { text: '{"to":["a"],"text":"x","n":2}' }))).toEqual([["to", '["a"]'], ["text", "x"], ["n", "2"]]);
    for (const text of ["[1]", "cut {", "null", "3"]) expect(argumentsOf(step("c", "", "call", { text }))).toBeNull();
  });
});

describe("a list of runs", () => {
  it("begins with what runs, then what may have happened, what waits, what is queued", () => {
    const of = (id: string, state: WorkRun["state"], created_at = "1") => run({ id, state, created_at });
    const runs = [of("q", "queued"), of("w", "waiting"), of("r", "running"), of("u", "unknown"), of("r2", "running", "2")];
    expect(inOrder(runs).map(({ id }) => id)).toEqual(["r2", "r", "u", "w", "q"]);
  });

  it("changes no place under the reader, and keeps what is new behind", () => {
    const named = (id: string, title = id) => run({ id, title });
    const { shown, fresh } = steady([named("a"), named("b"), named("gone")], [named("new"), named("b", "B"), named("a")], ({ id }) => id);
    expect(shown.map(({ title }) => title)).toEqual(["a", "B", "gone"]);
    expect(fresh.map(({ id }) => id)).toEqual(["new"]);
  });

  it("leads to the run, and a turn to its conversation", () => {
    expect(addressOfRun({ id: "r1", kind: "work", conversation_id: "c1" })).toBe("/work/r1");
    expect(addressOfRun({ id: "r1", kind: "chat.turn", conversation_id: "c1" })).toBe("/conversations/c1");
  });
});

describe("what a run may use", () => {
  it("is understood as it is typed, and never as more than was meant", () => {
    expect(valueOf("tokens", " 200,000 ")).toBe(200_000);
    expect(valueOf("tokens", "1 200 000")).toBe(1_200_000);
    expect(valueOf("dollars", "0,5")).toBe(0.5);
    expect(valueOf("dollars", "1,250.75")).toBe(1250.75);
    expect(valueOf("seconds", "1.5")).toBe(90);
    expect(valueOf("calls", "many")).toBe("many");
  });

  it("stands in its field so that it is read back as it is", () => {
    expect(valueOf("tokens", shown("tokens", 100_000_000))).toBe(100_000_000);
    expect(valueOf("seconds", shown("seconds", 100))).toBe(100);
    expect(told({ tokens: 5000, dollars: 0.5, calls: 3, seconds: 5400 })).toBe("At most 5,000 tokens, $0.50, 3 calls of tools, 90 min of work a run");
  });
});
