/** The course of a run as lines in order: what it did, what came back, what was said to it, and what became of it. */
import type { OpenedWork, Run, Step, Transition } from "$lib/api/types";

interface At {
  key: string;
  at: string;
}

export type Line =
  | (At & { kind: "call"; call: Step; result: Step | null })
  | (At & { kind: "words"; step: Step })
  | (At & { kind: "restart"; cause: string })
  | (At & { kind: "goes on"; cause: string })
  | (At & { kind: "turn"; state: Run["state"]; cause: string });

export interface Course {
  /** What was asked first. */
  asked: Step | null;
  /** What it delivered: its last words, once it has ended so. */
  delivered: Step | null;
  lines: Line[];
}

export function courseOf({ run, steps, transitions }: OpenedWork): Course {
  const asked = steps.find(({ kind }) => kind === "asked") ?? null;
  const delivered = run.state === "delivered" ? (steps.findLast(({ kind }) => kind === "answer") ?? null) : null;
  const told = stepLines(steps.filter((step) => step !== asked && step !== delivered));
  const lines = [...told, ...transitions.flatMap(turnLine)];
  return { asked, delivered, lines: lines.toSorted((a, b) => a.at.localeCompare(b.at)) };
}

/** A result stands with the call it answers: the earliest one of its tool that has none yet. */
function stepLines(steps: Step[]): Line[] {
  const lines: Line[] = [];
  for (const step of steps) {
    const at = { key: step.id, at: step.at };
    if (step.kind === "call") {
      lines.push({ ...at, kind: "call", call: step, result: null });
      continue;
    }
    const open = step.kind === "result" ? lines.findIndex((line) => line.kind === "call" && !line.result && line.call.tool === step.tool) : -1;
    const line = lines[open];
    if (line?.kind === "call") lines[open] = { ...line, result: step };
    else lines.push({ ...at, kind: "words", step });
  }
  return lines;
}

/** Begun and queued go without saying; from running to running, the program had ended in between. */
function turnLine({ at, from_state, to_state, ...told }: Transition, place: number): Line[] {
  const key = `${at} ${place}`;
  const cause = besides(told.cause, to_state);
  if (place === 0) return [];
  if (from_state === "running" && to_state === "running") return [{ key, at, kind: "restart", cause }];
  if (to_state === "running" && from_state === "queued") return [];
  if (to_state === "queued" && from_state !== "queued") return [{ key, at, kind: "goes on", cause }];
  return [{ key, at, kind: "turn", state: to_state, cause }];
}

/** A cause as it is told to the owner. */
export const toReader = (cause: string): string => cause.replaceAll("the owner's", "your").replaceAll("the owner", "you");

/** Without what the state says already: that it waits, that they stopped it. */
const SAID: Partial<Record<Run["state"], RegExp>> = { cancelled: /^stopped by you */, waiting: /^waits / };
const besides = (cause: string, state: Run["state"]): string => toReader(cause).replace(SAID[state] ?? "", "");

/** The arguments of a call, by name; null where they are no JSON object. */
export function argumentsOf(call: Step): [name: string, value: string][] | null {
  try {
    const read = JSON.parse(call.text) as unknown;
    if (!read || typeof read !== "object" || Array.isArray(read)) return null;
    return Object.entries(read).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  } catch {
    return null;
  }
}

export const OPEN: Run["state"][] = ["running", "unknown", "waiting", "queued"];
export const ENDED: Run["state"][] = ["delivered", "failed", "missed", "expired", "cancelled"];

/** What runs first, then what may have happened, what waits, and what is queued; the newest first in each. */
export function inOrder(runs: Run[]): Run[] {
  const rank = (run: Run) => OPEN.indexOf(run.state);
  return runs.toSorted((a, b) => rank(a) - rank(b) || b.created_at.localeCompare(a.created_at));
}
