/** What bringing and taking says: imports and the export. */
import { counted } from "../figures";

export const bring = {
  title: "Bring your past",
  drop: "Drop an export here, or",
  choose: "choose files",
  hint: "A ChatGPT or Claude export (zip), Markdown or text files (a zip of a folder), or JSON Lines. Bringing the same file twice changes nothing.",
  mine: "It is the export of my own account: what its owner says is mine",
  mineHint: "Otherwise its words are kept as other people’s.",
  whoIsMe: (file: string) => `Which of those who speak in ${file} is you?`,
  whoIsMeHint: "What that speaker says is kept as your own words, and the rest as other people’s.",
  notMe: "None of these is me",
  bringIt: "Bring it",
  sending: (name: string) => `Sending ${name}`,
  stop: "Stop",
  resume: "Go on",
  jobs: "Brought so far",
  none: "Nothing yet.",
  states: { queued: "Queued", running: "Reading", delivered: "Delivered", failed: "Failed", cancelled: "Stopped by you" },
  counts: (entries: string, conversations: string) => `${entries} in ${conversations}`,
  already: (n: string) => `${n} were here already`,
  skipped: (n: number) => `${counted(n, "thing was", "things were")} skipped`,
  report: (n: number) => `What was skipped, and why: ${n}`,
  take: "Take everything out",
  takeBody: "One zip with every entry, word for word, and the attachments. Importing it elsewhere gives the same ledger.",
  export: "Export everything",
  progress: (name: string) => `Progress of ${name}`,
} as const;
