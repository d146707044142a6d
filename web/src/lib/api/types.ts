/** What the server says and is told, in its own words (see /api/openapi.json). */

export type Instant = string; // ISO 8601, UTC
export type Label = "owner" | "member" | "stranger" | "tool" | "assistant";

export interface Person {
  id: string;
  name: string;
}

export interface Session {
  person: Person;
  csrf_token: string;
  /** Whether a passkey can be made for the address this page has: never for an IP address. */
  passkeys_possible: boolean;
}

export interface Conversation {
  id: string;
  title: string;
  updated_at: Instant;
  pinned: boolean;
  archived: boolean;
  source: string;
  is_running: boolean;
}

export interface Quote {
  entry_id: string;
  conversation_id: string | null;
  text: string;
  start: number;
  end: number;
  label: Label;
  speaker: string;
  source: string;
  said_at: Instant;
  title: string;
}

/** `after`: the offset in the answer's text, in code points, behind which the figure stands. */
export interface Citation {
  number: number;
  after: number;
  quote: Quote;
}

export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size_bytes: number;
  text_state: string;
}

export interface Version {
  id: string;
  said_at: Instant;
  state: EntryState;
  model: string | null;
}

export type EntryState = "complete" | "interrupted" | "failed";
export type Basis = "memory" | "not_from_memory" | "nothing_found" | null;

export interface Entry {
  id: string;
  position: number;
  conversation_id: string;
  parent_id: string | null;
  kind: string;
  label: Label;
  speaker: string | null;
  source: string;
  said_at: Instant;
  recorded_at: Instant;
  text: string;
  state: EntryState;
  model: string | null;
  run_id: string | null;
  /** Names of pictures that the answering model could not see. */
  unseen: string[];
  versions: Version[];
  attachments: Attachment[];
  basis: Basis;
  citations: Citation[];
  found: Quote[];
}

export type RunState =
  | "queued"
  | "running"
  | "waiting"
  | "delivered"
  | "failed"
  | "missed"
  | "expired"
  | "cancelled"
  | "unknown";

export interface RunError {
  code: string;
  message: string;
}

export interface Run {
  id: string;
  kind: string;
  state: RunState;
  waiting_for: string | null;
  conversation_id: string | null;
  title: string | null;
  created_at: Instant;
  started_at: Instant | null;
  ended_at: Instant | null;
  attempt: number;
  error: RunError | null;
  queue: { position: number; wait_s: number | null } | null;
}

/** The last element of `turns` while a run has not ended. */
export interface PendingTurn {
  pending: true;
  run: Run;
  text: string;
  found: Quote[];
  citations: Citation[];
  model: string | null;
  basis: Basis;
}

export type Turn = Entry | PendingTurn;

export interface ConversationSnapshot {
  conversation: Conversation;
  turns: Turn[];
  /** How many turns came before those shown. */
  earlier: number;
  event_position: number;
}

export interface Delivered {
  run_id: string;
  conversation_id: string;
  title: string;
  entry_id: string;
  excerpt: string;
  said_at: Instant;
}

export interface Today {
  now: Instant;
  last_looked_at: Instant | null;
  running: Run[];
  waiting: Run[];
  failed: Run[];
  delivered: Delivered[];
  conversations: Conversation[];
  memory: { entries: number; since: Instant | null };
}

export interface EntryLite {
  id: string;
  position: number;
  conversation_id: string | null;
  conversation_title: string | null;
  kind: string;
  label: Label;
  speaker: string | null;
  source: string;
  external_id: string | null;
  said_at: Instant;
  recorded_at: Instant;
  text: string;
  state: EntryState;
  is_current_version: boolean;
}

export interface Hit {
  entry: EntryLite;
  highlights: [start: number, end: number][];
  score: number;
  reasons: string[];
}

export interface SearchQuery {
  query: string;
  speaker?: string;
  from?: string;
  to?: string;
  source?: string;
  limit?: number;
  cursor?: string;
}

export interface SearchResult {
  hits: Hit[];
  total_estimate: number;
  took_ms: number;
  next: string | null;
}

export interface Timeline {
  entries: EntryLite[];
  previous: string | null;
  next: string | null;
}

export interface InPlace {
  entries: EntryLite[];
  entry_id: string;
  conversation: { id: string; title: string | null; source: string } | null;
}

export interface MemoryStatus {
  entries: number;
  since: Instant | null;
  index: { position: number; ledger_position: number; is_current: boolean };
  speakers: { name: string; count: number }[];
  sources: { name: string; count: number }[];
}

export interface ActiveModel {
  id: string;
  title: string;
  is_local: boolean;
  can_see: boolean;
  context_tokens: number | null;
  provider: string;
}

export interface Weights {
  name: string;
  title: string;
  role: string;
  licence: string;
  size_bytes: number;
  memory_bytes: number | null;
  state: "missing" | "fetching" | "paused" | "ready" | "failed";
  done_bytes: number;
  bytes_per_s: number | null;
  source: string | null;
  error: string | null;
  is_recommended: boolean;
  is_active: boolean;
}

export interface OfferedModel {
  id: string;
  title: string;
}

export interface Provider {
  id: string;
  kind: string;
  name: string;
  base_url: string | null;
  key_hint: string | null;
  models: OfferedModel[] | null;
}

export interface Offer {
  kind: string;
  name: string;
  base_url: string | null;
  found_in: string;
  models: OfferedModel[] | null;
}

export interface Models {
  active: ActiveModel | null;
  is_locked: boolean;
  locked_by: string | null;
  state: "ready" | "starting" | "failed";
  message: string | null;
  catalogue: Weights[];
  providers: Provider[];
  offers: Offer[];
}

export interface ImportJob {
  id: string;
  name: string;
  format: string | null;
  size_bytes: number;
  done_bytes: number;
  state: "queued" | "running" | "delivered" | "failed" | "cancelled";
  counts: { conversations: number; entries: number; already_there: number; skipped: number };
  report: { what: string; why: string; count: number }[];
  error: RunError | null;
  created_at: Instant;
  ended_at: Instant | null;
}

export type SettingValue = string | boolean | null;

export interface Setting {
  name: string;
  kind: string;
  value: SettingValue;
  default: SettingValue;
  does: string;
  choices: string[];
  is_locked: boolean;
  locked_by: string | null;
}

export interface SignIn {
  id: string;
  user_agent: string | null;
  created_at: Instant;
  last_seen_at: Instant;
  is_this_one: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: Instant;
  last_used_at: Instant | null;
}

export interface Passkey {
  id: string;
  name: string;
  host: string;
  works_here: boolean;
  created_at: Instant;
  last_used_at: Instant | null;
}
