/** The events of the stream, as the contract names them. */
import type { Basis, Citation, Conversation, Entry, ImportJob, Quote, Run, Weights } from "$lib/api/types";

export interface Notice {
  kind: "approval" | "question";
  title: string;
}

interface Payloads {
  "conversation.changed": { conversation: Conversation };
  "entry.added": { conversation_id: string; entry: Entry };
  /** `notice`: what may be told outside the page, as attention's gate allows it. */
  "run.state": { run: Run; cause: string | null; notice: Notice | null };
  "brief.changed": { brief_id?: string };
  "schedule.changed": { schedule_id: string };
  "trigger.changed": { trigger_id: string };
  "task.changed": { task_id: string };
  "note.changed": { note_id: string };
  "run.queued": { place: number; wait_s: number };
  "run.recalled": { conversation_id: string; found: Quote[]; took_ms: number; basis: Basis };
  /** `model` is told with the first piece. */
  "run.delta": { text: string; offset: number; model?: string };
  "run.reset": { attempt: number; why: string };
  "run.cited": { citation: Citation };
  "run.finished": { run: Run; entry: Entry | null };
  /** A run of work has got further: its steps are other ones now. */
  "work.step": { entry_id: string };
  /** What waits for the person has changed. */
  "work.waits": Record<string, never>;
  "import.progress": { job: ImportJob };
  "import.finished": { job: ImportJob };
  "weights.progress": Pick<Weights, "name" | "state" | "done_bytes" | "size_bytes" | "bytes_per_s" | "error">;
  "model.changed": { model: unknown };
  "setting.changed": { name: string };
  "memory.facts": { learned: number };
  "memory.forgetting": { forgetting_id: string; state: string; stage: string };
}

export type EventType = keyof Payloads;

export type LiveEvent = {
  [Type in EventType]: { type: Type; position: number; run_id: string | null; created_at: string; payload: Payloads[Type] };
}[EventType];

/** What a listener hears: events in order, and moments when it must load its snapshot again. */
export type Heard = { kind: "event"; event: LiveEvent } | { kind: "rejoined"; position: number };
