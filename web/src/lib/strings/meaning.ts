/** What the choice of how to find by meaning says. */
import { count } from "../figures";

export const meaning = {
  title: "Finding by meaning",
  label: "Beside words, find by",
  ways: {
    "static vectors": "Word vectors alone",
    "English transformer": "MiniLM as well (English)",
    "multilingual transformer": "E5 as well (many languages)",
  } as Record<string, string>,
  hint: "A transformer reads your memory in the background, the newest first, and rests while you talk. Nothing leaves this machine. Another choice removes what it made.",
  waiting: "It begins when its weights are here.",
  elsewhere: "Whoever looks after this machine has to fetch its weights.",
  reading: (done: number, of: number) => `${count(done)} of ${count(of)} passages read.`,
  left: (time: string) => `Still ${time} at its last pace.`,
  done: (of: number) => `All ${count(of)} passages are read.`,
  progress: "Passages read",
};
