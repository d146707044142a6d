/** The server's shapes under the names the screens use: generated ones as they are, open strings narrowed. */
import type { components } from "./schema";
import type { Spent } from "./work";

export type * from "./work";

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
export type Run = Required<S["RunShape"]> & Partial<WorkOfRun>;
/** What a run spent, what it may spend, and until when it waits: told of work. */
interface WorkOfRun {
  spent: Spent;
  ceiling: Spent | null;
  waits_until: Instant | null;
  parent_id: string | null;
}

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

export type SettingValue = string | boolean | null;
export type Setting = Omit<S["SettingShape"], "value" | "default"> & { value: SettingValue; default: SettingValue };

export type SignIn = S["SignedInShape"];
export type ApiKey = S["KeyShape"];
export type Passkey = S["PasskeyShape"];
