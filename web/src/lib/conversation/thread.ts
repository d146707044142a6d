/** An opened conversation as a value, and what each event of the stream makes of it. No effects. */
import type { Citation, Conversation, ConversationSnapshot, Entry, PendingTurn, Run, Turn, Waiting } from "$lib/api/types";
import type { LiveEvent } from "$lib/events/types";
import { codePointsIn } from "./codepoints";

export interface Pending extends PendingTurn {
  /** Length of `text` in code points: the server counts in them. */
  length: number;
  recalledMs: number | null;
  /** Versions of this answer that broke off and are kept. */
  interrupted: Entry[];
}

export interface Thread {
  conversation: Conversation;
  entries: Entry[];
  pending: Pending | null;
  /** Messages said behind what is pending, in the order in which they will be answered. */
  waiting: Waiting[];
  /** How many turns came before those held. */
  earlier: number;
  /** Everything up to this position of the stream is contained. */
  position: number;
  /** An event did not fit what we hold: load the snapshot again. */
  isStale: boolean;
}

const ENDED: ReadonlySet<Run["state"]> = new Set(["delivered", "failed", "missed", "expired", "cancelled", "unknown"]);

export const hasEnded = (run: Run): boolean => ENDED.has(run.state);

export const isPending = (turn: Turn): turn is PendingTurn => "pending" in turn;

export function threadFrom(snapshot: ConversationSnapshot): Thread {
  const last = snapshot.turns.at(-1);
  return {
    conversation: snapshot.conversation,
    entries: snapshot.turns.filter((turn): turn is Entry => !isPending(turn)),
    pending: last && isPending(last) ? pendingFrom(last) : null,
    waiting: snapshot.waiting,
    earlier: snapshot.earlier,
    position: snapshot.event_position,
    isStale: false,
  };
}

export function emptyThread(conversation: Conversation): Thread {
  return { conversation, entries: [], pending: null, waiting: [], earlier: 0, position: 0, isStale: false };
}

function pendingFrom(turn: PendingTurn): Pending {
  return { ...turn, length: codePointsIn(turn.text), recalledMs: null, interrupted: [] };
}

/** The turn that a run will fill. */
export function pendingOf(run: Run): Pending {
  return pendingFrom({ pending: true, run, text: "", found: [], citations: [], model: null, basis: null });
}

/** The thread after `event`; the same object where the event is not about it. */
export function applied(thread: Thread, event: LiveEvent): Thread {
  if (event.position <= thread.position) return thread;
  const next = changed(thread, event);
  return next === thread ? thread : { ...next, position: event.position };
}

function changed(thread: Thread, event: LiveEvent): Thread {
  switch (event.type) {
    case "conversation.changed": {
      const { conversation } = event.payload;
      return conversation.id === thread.conversation.id ? { ...thread, conversation } : thread;
    }
    case "entry.added":
      return event.payload.conversation_id === thread.conversation.id ? withEntry(thread, event.payload.entry) : thread;
    case "run.state":
      return event.payload.run.conversation_id === thread.conversation.id ? withRun(thread, event.payload.run) : thread;
    case "run.finished":
      return isAbout(thread, event) ? finished(thread, event.payload.run, event.payload.entry) : thread;
    default:
      return thread.pending && event.run_id === thread.pending.run.id ? written(thread, thread.pending, event) : thread;
  }
}

function isAbout(thread: Thread, event: LiveEvent & { type: "run.finished" }): boolean {
  const { run, entry } = event.payload;
  return run.id === thread.pending?.run.id || (entry?.conversation_id ?? run.conversation_id) === thread.conversation.id;
}

function withEntry(thread: Thread, entry: Entry): Thread {
  if (entry.is_queued) return isWaiting(thread, entry) ? thread : { ...thread, isStale: true };
  const known = thread.entries.findIndex(({ id }) => id === entry.id);
  if (known >= 0) return { ...thread, entries: thread.entries.with(known, entry) };
  const { pending } = thread;
  if (pending && entry.run_id === pending.run.id && entry.state === "interrupted") {
    return { ...thread, pending: { ...pending, interrupted: [...pending.interrupted, entry] } };
  }
  return branchedAt(thread, entry);
}

/** The branch that runs through `entry`: what stood after its parent gives way. */
function branchedAt(thread: Thread, entry: Entry): Thread {
  if (entry.parent_id === null) return { ...thread, entries: [entry] };
  const parent = thread.entries.findIndex(({ id }) => id === entry.parent_id);
  if (parent < 0) return { ...thread, isStale: true };
  return { ...thread, entries: [...thread.entries.slice(0, parent + 1), entry] };
}

function withRun(thread: Thread, run: Run): Thread {
  const { pending } = thread;
  if (pending?.run.id === run.id) return { ...thread, pending: { ...pending, run } };
  const waits = thread.waiting.find((item) => item.run.id === run.id);
  if (waits) return run.state === "queued" ? thread : hasEnded(run) ? withoutWaiting(thread, run) : movedUp(thread, waits, run);
  // A run that began elsewhere: only the snapshot knows which turn it answers.
  return hasEnded(run) ? thread : { ...thread, isStale: true };
}

const isWaiting = (thread: Thread, entry: Entry): boolean => thread.waiting.some((item) => item.entry.id === entry.id);

function withoutWaiting(thread: Thread, run: Run): Thread {
  return { ...thread, waiting: thread.waiting.filter((item) => item.run.id !== run.id) };
}

/** A message that waited is answered now: it stands where its place is, and its answer is awaited. */
function movedUp(thread: Thread, { entry }: Waiting, run: Run): Thread {
  const isAhead = thread.pending !== null && !hasEnded(thread.pending.run);
  if (isAhead) return { ...thread, isStale: true };
  const asked = { ...entry, is_queued: false };
  return { ...withoutWaiting(thread, run), entries: [...thread.entries, asked], pending: pendingOf(run) };
}

/** The thread with a message that waits behind what is pending; another version takes the place of the one before. */
export function waitingBehind(thread: Thread, entry: Entry, run: Run): Thread {
  const at = thread.waiting.findIndex((item) => item.run.id === run.id);
  const waiting = at < 0 ? [...thread.waiting, { entry, run }] : thread.waiting.with(at, { entry, run });
  return { ...thread, waiting };
}

function finished(thread: Thread, run: Run, entry: Entry | null): Thread {
  const isOurs = thread.pending?.run.id === run.id;
  const rest = isOurs && entry ? { ...thread, pending: null } : thread;
  if (entry) return withEntry(rest, entry);
  return isOurs && thread.pending ? { ...thread, pending: { ...thread.pending, run } } : thread;
}

function written(thread: Thread, pending: Pending, event: LiveEvent): Thread {
  switch (event.type) {
    case "run.queued":
      return { ...thread, pending: { ...pending, run: { ...pending.run, queue: event.payload } } };
    case "run.recalled": {
      const { found, took_ms, basis } = event.payload;
      return { ...thread, pending: { ...pending, found, basis, recalledMs: took_ms } };
    }
    case "run.delta":
      return withText(thread, { ...pending, model: event.payload.model ?? pending.model }, event.payload.text, event.payload.offset);
    case "run.reset": {
      const run = { ...pending.run, attempt: event.payload.attempt };
      return { ...thread, pending: { ...pending, run, text: "", length: 0, citations: [] } };
    }
    case "run.cited":
      return { ...thread, pending: { ...pending, citations: cited(pending.citations, event.payload.citation) } };
    default:
      return thread;
  }
}

function withText(thread: Thread, pending: Pending, text: string, offset: number): Thread {
  if (offset > pending.length) return { ...thread, isStale: true };
  const pieces = offset === pending.length ? text : [...text].slice(pending.length - offset).join("");
  if (!pieces) return thread;
  return { ...thread, pending: { ...pending, text: pending.text + pieces, length: pending.length + codePointsIn(pieces) } };
}

function cited(citations: Citation[], citation: Citation): Citation[] {
  const others = citations.filter(({ number, after }) => number !== citation.number || after !== citation.after);
  return [...others, citation].sort((a, b) => a.after - b.after || a.number - b.number);
}

/** The notes below an answer: one for each number, though a quote may be cited at several places. */
export function notesOf(citations: Citation[]): Citation[] {
  const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** The thread while the answer to `parentId` is made again: that answer and what followed are taken from view. */
export function answeredAgain(thread: Thread, parentId: string | null, run: Run): Thread {
  const parent = thread.entries.findIndex(({ id }) => id === parentId);
  return { ...thread, entries: thread.entries.slice(0, parent + 1), pending: pendingOf(run) };
}
