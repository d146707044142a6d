/** Every word the UI says, in one place. Plain, whole sentences; the glossary's words only. */
import { counted, count } from "./figures";

const ordinal = (n: number) => {
  const rest = n % 100;
  const ending = rest >= 11 && rest <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
};

export const strings = {
  name: "Everword",
  months: [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
  ],
  weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  time: { today: "Today", yesterday: "Yesterday", now: "now" },

  nav: {
    skip: "Skip to the page",
    screens: "Screens",
    screensPhone: "Screens, phone",
    today: "Today",
    conversations: "Conversations",
    conversationsShort: "Talk",
    memory: "Memory",
    models: "Connections",
    modelsShort: "Models",
    settings: "Settings",
    ask: "Ask",
    more: "More: conversations, models, settings, keys",
    moreTitle: "More",
    all: (n: number | null) => (n === null ? "All" : `All ${count(n)}`),
    newConversation: "New conversation",
    stop: "Stop",
    stopAll: "Stop all work",
    stopAllRest: " all work",
    stopped: (n: number) => (n === 0 ? "Nothing was running." : `Stopped: ${counted(n, "run", "runs")}.`),
    askLine: "Ask, or say what to do",
    toType: "to type",
    keys: "Keys",
    signOut: "Sign out",
    closed: "Close",
  },

  model: {
    local: "on this machine",
    remote: "leaves this machine",
    none: "No model answers yet",
    starting: "starting",
    failed: "not answering",
  },

  missing: {
    title: "There is nothing at this address",
    body: "The link may be old, or what it led to was in another ledger.",
    home: "Open Today",
  },

  errors: {
    unreachable: "Everword does not answer. Look whether it still runs; this page goes on by itself when it does.",
    behind: "Not connected since a moment ago; what is shown may be old. Trying again.",
    tryAgain: "Try again",
    ordinal,
  },
} as const;
