/** The shapes of work and of what it needs a person for. */
import type { Instant, Label, Run } from "./types";

export interface Spent {
  tokens: number;
  calls: number;
  seconds: number;
}

/** What a run waits for: null where it does not. */
export type WaitingFor = "approval" | "question" | "time" | "pause";

export type EffectState = "held" | "intended" | "done" | "failed" | "unknown" | "refused";

/** What a call does outside its run. `cause`: why it was done, or is not. */
export interface StepEffect {
  id: string;
  state: EffectState;
  kind: string;
  cause: string;
}

/** `text`: of a call its arguments as JSON, of a result what came back. */
export interface Step {
  id: string;
  at: Instant;
  kind: "asked" | "call" | "result" | "answer" | "note";
  tool: string | null;
  text: string;
  label: Label;
  effect: StepEffect | null;
}

export interface Transition {
  at: Instant;
  from_state: Run["state"] | null;
  to_state: Run["state"];
  cause: string;
}

export interface OpenedWork {
  run: Run;
  steps: Step[];
  transitions: Transition[];
}

export interface WorkPage {
  runs: Run[];
  next: string | null;
}

/** One value of a call, word for word, and who it came from. */
export interface Argument {
  name: string;
  value: unknown;
  from: string;
}

interface Waits {
  id: string;
  run_id: string;
  title: string;
  asked_at: Instant;
}

interface Ends {
  expires_at: Instant | null;
  /** A sentence: what happens when nobody answers. */
  on_expiry: string;
}

/** `hash`: of the exact call; a yes holds for it alone. */
export interface ApprovalCard extends Waits, Ends {
  kind: "approval";
  tool: string;
  effect_kind: string;
  arguments: Argument[];
  hash: string;
  is_reversible: boolean;
  why: string;
}

export interface QuestionCard extends Waits, Ends {
  kind: "question";
  text: string;
}

/** An effect that may have happened. */
export interface UnknownCard extends Waits {
  kind: "unknown";
  text: string;
  tool: string;
  arguments: Argument[];
}

export interface FailureCard extends Waits {
  kind: "failure";
  text: string;
}

export type Card = ApprovalCard | QuestionCard | UnknownCard | FailureCard;

export interface NeedsYou {
  cards: Card[];
  count: number;
}
