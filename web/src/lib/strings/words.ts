/** What the parts say that several screens share: who said something, how a run stands, where words come from. */
import { ordinal } from "../figures";

export const say = {
  you: "You",
  everword: "Everword",
  kinds: { owner: "", assistant: "", member: "member", tool: "tool", stranger: "stranger" },
  unnamed: { member: "Somebody", tool: "A tool", stranger: "Somebody" },
} as const;

export const states = {
  queued: "Queued",
  running: "Running",
  waiting: "Waiting",
  delivered: "Delivered",
  failed: "Failed",
  missed: "Missed",
  expired: "Expired",
  cancelled: "Stopped by you",
  unknown: "Unknown",
  queuedAt: (place: number) => `Queued, ${ordinal(place)}`,
  waitingFor: {
    approval: "Waiting for your yes",
    question: "Waiting for your answer",
    time: "Waiting for its time",
    pause: "Paused by you",
    ceiling: "Waiting for tomorrow: today’s limit is reached",
    posture: "Waiting: somebody comes first",
  } as Record<string, string>,
  waitingUntil: (when: string) => `Waiting until ${when}`,
} as const;

export const copy = { name: "Copy", done: "Copied", refused: "The browser refused; select and copy by hand" } as const;

export const markdown = {
  code: "code",
  codeIn: (language: string) => (language ? `Code in ${language}` : "Code"),
  table: "Table",
  done: "done:",
  open: "open:",
  picture: (alt: string) => (alt ? `[Picture, not loaded: ${alt}]` : "[Picture, not loaded]"),
} as const;

export const source = {
  figure: (n: number) => `Source ${n}`,
  open: (n: number) => `Source ${n}, open in its place`,
  list: "Sources of this answer",
  soFar: "Sources so far",
  title: (n: number | null) => (n === null ? "In its place" : `Source ${n} in its place`),
  inMemory: "Open in Memory",
  inConversation: "Open the conversation",
  close: "Close",
  recorded: (when: string) => `Recorded ${when}.`,
  gone: "This entry could not be opened.",
  loading: "Opening it in its place.",
  quoted: (text: string) => `“${text}”`,
  inTitle: (title: string) => `in “${title}”`,
} as const;
