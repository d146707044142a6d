/** The server's shapes under the names the screens use: generated ones as they are, open strings narrowed. */
import type { components } from "./schema";

type S = components["schemas"];

export type Instant = string; // ISO 8601, UTC
export type Label = S["Label"];

export type Person = S["PersonShape"];
export type Account = S["AccountShape"];
export type Session = Omit<S["SessionShape"], "csrf_token"> & { csrf_token: string };

export type Conversation = S["ConversationShape"];
export type Quote = S["QuoteShape"];
/** `after`: the offset in the answer's text, in code points, behind which the figure stands. */
export type Citation = S["CitationShape"];
export type Attachment = S["AttachmentShape"];
export type Version = S["VersionShape"];
export type EntryState = S["EntryState"];
export type Basis = S["Basis"] | null;
export type Entry = S["EntryShape"];

export type RunState = S["RunState"];
export type RunError = S["ErrorShape"];
/** Of work, where the server tells it: what it used of what it may, until when it waits, whether it is paused. */
export type Run = Required<S["RunShape"]> & Partial<Pick<S["WorkShape"], "spent" | "ceiling" | "waits_until" | "parent_id" | "is_paused">>;

/** The last element of `turns` while a run has not ended, or ended without a word. */
export type PendingTurn = Omit<S["PendingShape"], "pending" | "run"> & { pending: true; run: Run };
export type Turn = Entry | PendingTurn;
/** A message that is answered when what is ahead of it has been. */
export interface Waiting {
  entry: Entry;
  run: Run;
}
/** `earlier`: how many turns came before those shown. */
export type ConversationSnapshot = Omit<S["OpenedConversation"], "turns" | "waiting"> & { turns: Turn[]; waiting: Waiting[] };

export type WorkRun = Required<S["WorkShape"]>;
export type Spent = S["BoundsShape"];
export type Day = S["SpentDayShape"];
/** What is another of a run's ceilings. What is no number goes as it was typed: the server refuses it, and says why. */
export type CeilingAsked = Partial<Record<keyof Spent, number | string>>;
export type WorkPage = { runs: WorkRun[]; next: string | null };
/** `text`: of a call its arguments as JSON, of a result what came back. */
export type Step = Omit<S["StepShape"], "kind"> & { kind: "asked" | "call" | "result" | "answer" | "note" };
export type Transition = S["TransitionShape"];
export type OpenedWork = { run: WorkRun; steps: Step[]; transitions: Transition[] };

/** One value of a call, word for word, and who it came from. */
export type Argument = Omit<S["ArgumentShape"], "value"> & { value: unknown };
type Waits = Pick<S["CardShape"], "id" | "run_id" | "title" | "asked_for" | "asked_at">;
type Ends = { expires_at: Instant | null; on_expiry: string | null };
/** `hash`: of the exact call; a yes holds for it alone. */
export type ApprovalCard = Waits &
  Ends & { kind: "approval"; tool: string; effect_kind: S["Effect"]; arguments: Argument[]; hash: string; is_reversible: boolean | null; why: string };
export type QuestionCard = Waits & Ends & { kind: "question"; text: string };
/** An effect that may have happened. */
export type UnknownCard = Waits & { kind: "unknown"; text: string; tool: string; arguments: Argument[] };
export type FailureCard = Waits & { kind: "failure"; text: string };
/** A schedule or trigger that could not begin a run, and was paused for it; it has no run. */
export type ScheduleCard = Waits & { kind: "schedule" | "trigger"; text: string };
export type Card = ApprovalCard | QuestionCard | UnknownCard | FailureCard | ScheduleCard;
export type NeedsYou = { cards: Card[]; count: number };

export type Schedule = S["ScheduleShape"];
export type Understood = S["UnderstoodShape"];
type Bounded = { ceiling?: CeilingAsked | undefined };
export type NewSchedule = Pick<S["ScheduleWanted"], "when" | "text" | "client_id"> & Pick<Schedule, "on_missed" | "on_overlap"> & Bounded & { time_zone?: string | undefined };
/** `time_zone`: null is the owner's, and follows it. */
export type ScheduleChange = Partial<Pick<Schedule, "text" | "on_missed" | "on_overlap">> & Bounded & { when?: string; time_zone?: string | null; is_paused?: boolean };

export type Trigger = S["TriggerShape"];
/** `secret`: of a webhook, told this once. */
export type MadeTrigger = S["MadeTrigger"];
export type NewTrigger = Pick<S["TriggerWanted"], "kind" | "text" | "client_id"> & Partial<Pick<Trigger, "words" | "speaker" | "source" | "on_overlap">> & Bounded;
export type TriggerChange = Partial<Pick<Trigger, "text" | "words" | "speaker" | "source" | "on_overlap">> & Bounded & { is_paused?: boolean };

export type Task = S["TaskShape"];
export type TaskPage = S["TasksShape"];
export type Note = S["NoteShape"];
export type NotePage = S["NotesShape"];

export type McpServer = S["McpServerShape"];
export type McpTool = S["McpToolShape"];
export type NewMcpServer = Pick<McpServer, "name" | "transport"> & { command?: string; arguments?: string[]; url?: string; secrets?: Record<string, string> };

export type Brief = S["BriefShape"];
/** One card of the brief. `sort`: what "less like this" would be about; empty where that cannot be said. */
export type BriefCard = S["BriefCardShape"];
export type BriefAnswer = S["CardAnswer"]["says"];

export type Delivered = S["DeliveredShape"];
export type Today = Omit<S["TodayShape"], "running" | "waiting" | "failed"> & Record<"running" | "waiting" | "failed", Run[]>;

export type EntryLite = S["EntryLite"];
/** `highlights`: the found words, in code points of the entry's text. */
export type Hit = S["FoundShape"];
export type SearchQuery = Partial<S["SearchQuery"]>;
export type SearchResult = S["SearchResult"];
export type Recalled = S["RecallResult"];
export type Timeline = S["TimelinePage"];
export type InPlace = S["EntryContext"];
/** What was recalled for an answer, best first. */
export type Why = S["WhyShape"];
export type RecalledEntry = S["RecalledShape"];
export type MemoryStatus = S["MemoryStatus"];
export type ForgetSelection = Partial<S["SelectionShape"]>;
export type ForgetPreview = S["PreviewShape"];
export type Forgetting = S["ForgettingShape"];
/** How long entries are kept. */
export type Span = S["SpanShape"]["keep"];
export type Retention = S["RetentionShape"];
export type Due = S["DueShape"];
export type Coming = S["ComingShape"];

export type Fact = S["FactShape"];
export type FactDay = S["DayShape"];
export type FactQuote = S["FactQuoteShape"];
export type FactsQuery = Partial<S["FactsQuery"]>;
export type FactsPage = S["FactsShape"];
export type Distilling = S["DistillingShape"];
export type MeaningState = S["MeaningShape"];
export type Promised = S["PromiseShape"];

export type ActiveModel = S["ActiveModelShape"];
export type Weights = Omit<S["WeightsShape"], "state"> & { state: "missing" | "fetching" | "converting" | "paused" | "ready" | "failed" };
export type OfferedModel = S["ListedShape"];
export type Provider = S["ProviderShape"];
export type ProviderKind = S["ProviderKind"];
export type Offer = S["OfferShape"];
export type Models = Omit<S["ModelsShape"], "state" | "catalogue"> & {
  state: "ready" | "starting" | "failed";
  catalogue: Weights[];
};

export type ImportJob = S["ImportShape"];

export type SettingValue = string | boolean | number | null;
export type Setting = Omit<S["SettingShape"], "value" | "default"> & { value: SettingValue; default: SettingValue };

export type SignIn = S["SignedInShape"];
export type ApiKey = S["KeyShape"];
export type Passkey = S["PasskeyShape"];
