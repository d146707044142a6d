/** Every call of the HTTP API that the screens make, by noun. */
import { addressOf, request, upload } from "./client";
import type * as T from "./types";

const post = <A>(path: string, json?: unknown) => request<A>(path, { method: "POST", ...(json !== undefined && { json }) });
const put = <A>(path: string, json: unknown) => request<A>(path, { method: "PUT", json });
const patch = <A>(path: string, json: unknown) => request<A>(path, { method: "PATCH", json });
const remove = (path: string) => request<undefined>(path, { method: "DELETE" });

interface Draft {
  text: string;
  client_id: string;
  attachment_ids?: string[];
  parent_id?: string;
}

export const door = {
  session: () => request<T.Session>("/session"),
  login: (password: string, person = "") => post<T.Session>("/login", { password, ...(person && { person }) }),
  logout: () => post<undefined>("/logout"),
  setup: (values: { token: string; name: string; password: string; time_zone: string }) =>
    post<T.Session>("/setup", values),
  resetPassword: (token: string, password: string) => post<T.Session>("/reset-password", { token, password }),
  changePassword: (current: string, next: string) => put<undefined>("/password", { current, new: next }),
  account: () => request<T.Account>("/account"),
  sessions: () => request<{ sessions: T.SignIn[] }>("/sessions"),
  endSession: (id: string) => remove(`/sessions/${id}`),
  endOtherSessions: () => remove("/sessions"),
  keys: () => request<{ keys: T.ApiKey[] }>("/keys"),
  createKey: (name: string, scopes: string[]) => post<T.ApiKey & { secret: string }>("/keys", { name, scopes }),
  revokeKey: (id: string) => remove(`/keys/${id}`),
  passkeys: () => request<{ passkeys: T.Passkey[] }>("/passkeys"),
  passkeyOptions: () => post<PublicKeyCredentialCreationOptionsJSON>("/passkeys/registration"),
  addPasskey: (credential: unknown, name: string) => post<T.Passkey>("/passkeys", { credential, name }),
  removePasskey: (id: string) => remove(`/passkeys/${id}`),
  passkeyLoginOptions: () => post<PublicKeyCredentialRequestOptionsJSON>("/passkeys/login/options"),
  passkeyLogin: (credential: unknown) => post<T.Session>("/passkeys/login", { credential }),
};

type Said = { conversation: T.Conversation; entry: T.Entry; run: T.Run };
type ConversationPage = { conversations: T.Conversation[]; next: string | null };

export const conversations = {
  list: (query: { archived?: boolean; before?: string; limit?: number }) =>
    request<ConversationPage>("/conversations", { query }),
  search: (query: string) => post<ConversationPage>("/conversations/search", { query }),
  read: (id: string) => request<T.ConversationSnapshot>(`/conversations/${id}`),
  change: (id: string, changes: Partial<Pick<T.Conversation, "title" | "pinned" | "archived">>) =>
    patch<T.Conversation>(`/conversations/${id}`, changes),
  start: (draft: Draft) => post<Said>("/messages", draft),
  say: (id: string, draft: Draft) => post<Said>(`/conversations/${id}/messages`, draft),
  edit: (entryId: string, draft: Draft) => post<Said>(`/entries/${entryId}/edit`, draft),
  retry: (entryId: string) => post<{ run: T.Run }>(`/entries/${entryId}/retry`, {}),
  show: (id: string, entry_id: string) => put<T.ConversationSnapshot>(`/conversations/${id}/leaf`, { entry_id }),
  markdownAddress: (id: string) => addressOf(`/conversations/${id}/markdown`),
};

export const attachments = {
  keep: (file: File) =>
    request<T.Attachment>("/attachments", { method: "POST", body: file, query: { name: file.name || "pasted" } }),
  address: (id: string) => addressOf(`/attachments/${id}`),
};

export const runs = {
  stop: (id: string) => post<T.Run>(`/runs/${id}/stop`),
  takeBack: (id: string) => post<T.Run>(`/runs/${id}/take-back`),
  seen: (id: string) => post<undefined>(`/runs/${id}/seen`),
  stopAll: () => post<{ stopped: number }>("/runs/stop"),
};

type Begun = { run: T.WorkRun; conversation: T.Conversation; entry: T.Entry };

export const work = {
  list: (query: { state: T.RunState[]; before?: string; limit?: number }) => request<T.WorkPage>("/work", { query }),
  start: (draft: Draft & { ceiling?: T.CeilingAsked | undefined }) => post<Begun>("/work", draft),
  read: (id: string) => request<T.OpenedWork>(`/work/${id}`),
  day: () => request<T.Day>("/bounds"),
  note: (id: string, text: string) => post<undefined>(`/work/${id}/note`, { text }),
  pause: (id: string) => post<T.WorkRun>(`/work/${id}/pause`),
  resume: (id: string) => post<T.WorkRun>(`/work/${id}/resume`),
  again: (id: string) => post<Begun>(`/work/${id}/again`),
};

export const needsYou = {
  read: () => request<T.NeedsYou>("/needs-you"),
  /** Holds for the call with this hash alone. Throws RequestError with 409 where it is another one now. */
  answer: (id: string, yes: boolean, hash: string) => post<T.WorkRun>(`/approvals/${id}/answer`, { yes, hash }),
  edit: (id: string, values: Record<string, unknown>) =>
    post<T.WorkRun>(`/approvals/${id}/edit`, { arguments: values }),
  reply: (runId: string, text: string) => post<T.WorkRun>(`/runs/${runId}/reply`, { text }),
  settle: (effectId: string, happened: boolean) => post<T.WorkRun>(`/effects/${effectId}/settle`, { happened }),
};

export const schedules = {
  list: () => request<{ schedules: T.Schedule[] }>("/schedules"),
  /** What words or cron would be understood as; nothing is made. */
  preview: (when: string, time_zone: string | null, signal: AbortSignal) =>
    request<T.Understood>("/schedules/preview", { method: "POST", json: { when, time_zone }, signal }),
  add: (values: T.NewSchedule) => post<T.Schedule>("/schedules", values),
  change: (id: string, values: T.ScheduleChange) => patch<T.Schedule>(`/schedules/${id}`, values),
  resume: (id: string) => patch<unknown>(`/schedules/${id}`, { is_paused: false }),
  remove: (id: string) => remove(`/schedules/${id}`),
};

export const triggers = {
  list: () => request<{ triggers: T.Trigger[] }>("/triggers"),
  add: (values: T.NewTrigger) => post<T.MadeTrigger>("/triggers", values),
  change: (id: string, values: T.TriggerChange) => patch<T.Trigger>(`/triggers/${id}`, values),
  /** Another secret for a webhook; the one it had no longer holds. */
  renewSecret: (id: string) => post<{ secret: string }>(`/triggers/${id}/secret`),
  resume: (id: string) => patch<unknown>(`/triggers/${id}`, { is_paused: false }),
  remove: (id: string) => remove(`/triggers/${id}`),
};

export const brief = {
  read: () => request<T.Brief>("/brief"),
  /** Makes today's brief now; where it is made, what has come since is added. */
  make: () => post<T.Brief>("/brief"),
  answer: (cardId: string, says: T.BriefAnswer) => put<undefined>(`/brief/cards/${cardId}`, { says }),
  lift: (sort: string) => remove(`/brief/less/${sort}`),
};

export const tasks = {
  list: (state: "open" | "done", limit = 200) => request<T.TaskPage>("/tasks", { query: { state, limit } }),
  add: (values: { title: string; due?: string; client_id: string }) => post<T.Task>("/tasks", values),
  change: (id: string, values: { title?: string; due?: string; is_done?: boolean }) => patch<T.Task>(`/tasks/${id}`, values),
  remove: (id: string) => remove(`/tasks/${id}`),
};

export const notes = {
  list: (limit = 200) => request<T.NotePage>("/notes", { query: { limit } }),
  add: (text: string, client_id: string) => post<T.Note>("/notes", { text, client_id }),
  change: (id: string, text: string) => patch<T.Note>(`/notes/${id}`, { text }),
  remove: (id: string) => remove(`/notes/${id}`),
};

export const servers = {
  list: () => request<{ servers: T.McpServer[] }>("/mcp-servers"),
  add: (values: T.NewMcpServer) => post<T.McpServer>("/mcp-servers", values),
  refresh: (id: string) => post<T.McpServer>(`/mcp-servers/${id}/refresh`),
  /** A yes to tools as they were seen, by their hashes. */
  trust: (id: string, tools: Record<string, string>, is_trusted_for_reading: boolean | null = null) =>
    post<T.McpServer>(`/mcp-servers/${id}/trust`, { tools, is_trusted_for_reading }),
  remove: (id: string) => remove(`/mcp-servers/${id}`),
};

export const today = {
  read: () => request<T.Today>("/today"),
  looked: () => post<undefined>("/today/looked"),
};

export const memory = {
  search: (query: T.SearchQuery, signal: AbortSignal) =>
    request<T.SearchResult>("/memory/search", { method: "POST", json: query, signal }),
  nearest: (question: string, signal: AbortSignal) =>
    request<T.Recalled>("/memory/recall", { method: "POST", json: { question }, signal }),
  timeline: (query: { before?: string; after?: string; day?: string; speaker?: string; source?: string; kind?: string; limit?: number }) =>
    request<T.Timeline>("/memory/timeline", { query }),
  inPlace: (entryId: string, around = 4) =>
    request<T.InPlace>(`/entries/${entryId}/context`, { query: { before: around, after: around } }),
  why: (entryId: string) => request<T.Why>(`/entries/${entryId}/why`),
  status: () => request<T.MemoryStatus>("/memory/status"),
  meaning: () => request<T.MeaningState>("/memory/meaning"),
  exportAddress: addressOf("/export"),
  forgetPreview: (selection: T.ForgetSelection) => post<T.ForgetPreview>("/memory/forget/preview", selection),
  forget: (asked: { selection: T.ForgetSelection; up_to: number; redact: string[] }) =>
    post<T.Forgetting>("/memory/forget", asked),
  forgettings: () => request<{ forgettings: T.Forgetting[] }>("/memory/forget"),
  forgetting: (id: string) => request<T.Forgetting>(`/memory/forget/${id}`),
  retention: () => request<T.Retention>("/memory/retention"),
  retentionPreview: (keep: T.Span) => post<T.Due>("/memory/retention/preview", { keep }),
  retain: (keep: T.Span) => put<T.Retention>("/memory/retention", { keep }),
  keepThem: () => request<T.Retention>("/memory/retention/coming", { method: "DELETE" }),
};

export const facts = {
  search: (query: T.FactsQuery) => post<T.FactsPage>("/memory/facts/search", query),
  distilling: () => request<T.Distilling>("/memory/distilling"),
  correct: (id: string, values: { statement: string; since?: string; until?: string }) =>
    post<T.Fact>(`/memory/facts/${id}/correct`, values),
  pin: (id: string) => request<T.Fact>(`/memory/facts/${id}/pin`, { method: "PUT" }),
  unpin: (id: string) => request<T.Fact>(`/memory/facts/${id}/pin`, { method: "DELETE" }),
  refuse: (id: string) => request<T.Fact>(`/memory/facts/${id}/refusal`, { method: "PUT" }),
  accept: (id: string) => request<T.Fact>(`/memory/facts/${id}/refusal`, { method: "DELETE" }),
  bringBack: (id: string) => post<T.Fact>(`/memory/facts/${id}/bring-back`),
  decidePromise: (id: string, state: T.Promised["state"]) => put<undefined>(`/memory/promises/${id}`, { state }),
};

export const models = {
  read: () => request<T.Models>("/models"),
  activate: (model: string) => put<unknown>("/models/active", { model }),
  fetchWeights: (name: string) => post<unknown>(`/weights/${name}/fetch`),
  pauseWeights: (name: string) => remove(`/weights/${name}/fetch`),
  removeWeights: (name: string) => remove(`/weights/${name}`),
  addProvider: (values: { kind: T.ProviderKind; name?: string; base_url?: string; key?: string }) =>
    post<T.Provider>("/providers", values),
  acceptOffer: (name: string) => post<T.Provider>("/providers/from-offer", { name }),
  removeProvider: (id: string) => remove(`/providers/${id}`),
  testProvider: (id: string) => post<{ ok: boolean; models: T.OfferedModel[] }>(`/providers/${id}/test`),
};

export const imports = {
  list: () => request<{ jobs: T.ImportJob[] }>("/imports"),
  bring: (file: File, whose: { owner_is_me: boolean; me?: string }, whenSent: (bytes: number) => void, signal: AbortSignal) =>
    upload<{ job: T.ImportJob }>("/imports", file, { name: file.name, ...whose }, whenSent, signal),
  cancel: (id: string) => request<{ job: T.ImportJob }>(`/imports/${id}`, { method: "DELETE" }),
  resume: (id: string) => post<{ job: T.ImportJob }>(`/imports/${id}/resume`),
};

export const settings = {
  read: () => request<{ settings: T.Setting[] }>("/settings"),
  change: (values: Record<string, T.SettingValue>) => patch<{ settings: T.Setting[] }>("/settings", values),
};
