/** What stands around every screen: its places, the model that answers, the command bar, the keys, what went wrong. */
import { counted } from "../figures";

export const nav = {
  skip: "Skip to the page",
  screens: "Screens",
  screensPhone: "Screens, phone",
  today: "Today",
  needsYou: "Needs you",
  work: "Work",
  waiting: " waiting",
  conversations: "Conversations",
  conversationsShort: "Talk",
  memory: "Memory",
  models: "Connections",
  modelsShort: "Models",
  settings: "Settings",
  ask: "Ask",
  more: "More: conversations, models, settings, keys",
  moreTitle: "More",
  allConversations: "All, and the archive",
  newConversation: "New conversation",
  stop: "Stop",
  stopAll: "Stop all work",
  stopAllRest: " all work",
  stopped: (n: number) => (n === 0 ? "Nothing was running." : `Stopped: ${counted(n, "run", "runs")}.`),
  askLine: "Ask, or say what to do",
  toType: "to type",
  keys: "Keys",
  pinned: "Pinned",
  searchConversations: "Search conversations",
  untitled: "Untitled",
  running: "is being answered",
  signOut: "Sign out",
  closed: "Close",
} as const;

export const model = {
  local: "on this machine",
  remote: "leaves this machine",
  localWord: "local",
  remoteWord: "remote",
  localShort: "Local",
  remoteShort: "Remote",
  noneShort: "No model",
  none: "No model answers yet",
  starting: "starting",
  failed: "not answering",
} as const;

export const command = {
  title: "Ask or do",
  ask: "Ask",
  askAbout: (text: string) => `Ask “${text}” in a new conversation`,
  said: "Said",
  goTo: "Go to",
  talks: "Conversations",
  searchAll: (text: string) => `All that was said with “${text}”`,
  choose: "choose",
  doIt: "do it",
  askTyped: "ask it as typed",
  close: "close",
  nothing: "Type what you want to know or do.",
  list: "What this could be",
  notSent: "Not sent; the words are still here.",
} as const;

export const keys = {
  title: "Keys",
  key: "Key",
  does: "Does",
  off: "Single keys are switched off in Settings.",
  table: [
    ["/ or Ctrl K", "Ask or do"],
    ["g then t, n, w, o", "Today, Needs you, Work, Conversations"],
    ["g then m, c, s", "Memory, Connections, Settings"],
    ["g then a, i", "A new conversation, an incognito one"],
    ["j, k", "Next, previous in a list"],
    ["y, n", "Needs you: yes to exactly this, no"],
    ["e, l, x", "Needs you: edit, later, choose for a batch"],
    ["s, p", "Work: a note to the opened run, pause it or go on"],
    ["Enter", "Open, or send"],
    ["Shift Enter", "A new line"],
    ["Ctrl Enter", "Ask as typed"],
    ["Up, in an empty line", "Edit the last message that waits"],
    ["Esc", "Close, or stop this answer"],
    ["Shift Esc", "Stop all work"],
    ["?", "This table"],
  ] as [string, string][],
} as const;

export const missing = {
  title: "There is nothing at this address",
  body: "The link may be old, or what it led to was in another ledger.",
  home: "Open Today",
} as const;

export const errors = {
  unreachable: "Everword does not answer. Look whether it still runs; this page goes on by itself when it does.",
  behind: "Not connected since a moment ago; what is shown may be old. Trying again.",
  tryAgain: "Try again",
} as const;
