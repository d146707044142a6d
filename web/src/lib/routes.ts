/** The addresses of the UI: from a path to the screen that shows it. */
export type Route =
  | { screen: "today" }
  | { screen: "needs you"; id: string | null }
  | { screen: "work"; id: string | null }
  | { screen: "schedules" }
  | { screen: "triggers" }
  | { screen: "tasks" }
  | { screen: "servers" }
  | { screen: "conversations" }
  | { screen: "conversation"; id: string | null }
  | { screen: "incognito" }
  | { screen: "memory"; tab: "words" | "search" | "facts" | "bring" | "forget" }
  | { screen: "entry"; id: string }
  | { screen: "models" }
  | { screen: "settings" }
  | { screen: "setup" }
  | { screen: "delete account" }
  | { screen: "login" }
  | { screen: "reset" }
  | { screen: "missing" };

type Matcher = [pattern: RegExp, route: (found: string) => Route];

const MATCHERS: Matcher[] = [
  [/^\/$/, () => ({ screen: "today" })],
  [/^\/needs-you(?:\/([\w-]+))?$/, (id) => ({ screen: "needs you", id: id || null })],
  [/^\/work\/schedules$/, () => ({ screen: "schedules" })],
  [/^\/work\/triggers$/, () => ({ screen: "triggers" })],
  [/^\/work\/tasks$/, () => ({ screen: "tasks" })],
  [/^\/models\/servers$/, () => ({ screen: "servers" })],
  [/^\/work(?:\/([\w-]+))?$/, (id) => ({ screen: "work", id: id || null })],
  [/^\/conversations$/, () => ({ screen: "conversations" })],
  [/^\/conversations\/new$/, () => ({ screen: "conversation", id: null })],
  [/^\/conversations\/([\w-]+)$/, (id) => ({ screen: "conversation", id })],
  [/^\/incognito$/, () => ({ screen: "incognito" })],
  [/^\/memory$/, () => ({ screen: "memory", tab: "words" })],
  [/^\/memory\/search$/, () => ({ screen: "memory", tab: "search" })],
  [/^\/memory\/facts$/, () => ({ screen: "memory", tab: "facts" })],
  [/^\/memory\/bring$/, () => ({ screen: "memory", tab: "bring" })],
  [/^\/memory\/forget$/, () => ({ screen: "memory", tab: "forget" })],
  [/^\/memory\/entries\/([\w-]+)$/, (id) => ({ screen: "entry", id })],
  [/^\/models$/, () => ({ screen: "models" })],
  [/^\/settings$/, () => ({ screen: "settings" })],
  [/^\/account\/delete$/, () => ({ screen: "delete account" })],
  [/^\/setup$/, () => ({ screen: "setup" })],
  [/^\/reset-password$/, () => ({ screen: "reset" })],
  [/^\/login$/, () => ({ screen: "login" })],
];

export function routeOf(path: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  for (const [pattern, route] of MATCHERS) {
    const found = pattern.exec(trimmed || "/");
    if (found) return route(found[1] ?? "");
  }
  return { screen: "missing" };
}

export const paths = {
  today: "/",
  needsYou: "/needs-you",
  /** By the id of the card, or of the run that waits. */
  card: (id: string) => `/needs-you/${id}`,
  work: "/work",
  run: (id: string) => `/work/${id}`,
  conversations: "/conversations",
  newConversation: "/conversations/new",
  incognito: "/incognito",
  conversation: (id: string) => `/conversations/${id}`,
  words: "/memory",
  search: "/memory/search",
  facts: "/memory/facts",
  bring: "/memory/bring",
  forget: "/memory/forget",
  entry: (id: string) => `/memory/entries/${id}`,
  servers: "/models/servers",
  schedules: "/work/schedules",
  triggers: "/work/triggers",
  tasks: "/work/tasks",
  models: "/models",
  settings: "/settings",
  deleteAccount: "/account/delete",
  setup: "/setup",
  login: "/login",
} as const;

/** Work has a page of its own; a turn stands in its conversation. */
export function addressOfRun(run: { id: string; kind: string; conversation_id: string | null }): string {
  if (run.kind === "work") return paths.run(run.id);
  return run.conversation_id ? paths.conversation(run.conversation_id) : paths.conversations;
}
