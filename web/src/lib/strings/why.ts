/** What the drawer "Why" says: what an answer stands on. */
import { counted } from "../figures";

export const why = {
  open: "Why",
  title: "What this answer stands on",
  loading: "Reading what was recalled.",
  failed: "This could not be read.",
  asked: "What was asked",
  recalled: "What was recalled, best first",
  nothing: "Nothing was recalled for this answer.",
  gone: "What has been forgotten since is not here.",
  counts: (found: number, given: number, cited: number) =>
    `${counted(found, "entry was", "entries were")} recalled, by rule and without a model. ` +
    `${given === 0 ? "None was" : given === found ? (found === 1 ? "It was" : "All were") : `${given} of them ${given === 1 ? "was" : "were"}`} given to the model; ` +
    `${cited === 0 ? "none is" : cited === 1 ? "one is" : `${cited} are`} cited.`,
  basis: {
    memory: "It was asked about what was said, and something bears an answer out.",
    not_from_memory: "It was taken for a general question, so the model was given nothing of your memory.",
    nothing_found: "It was asked about what was said, and nothing bears an answer out, so no model was asked.",
  },
  noModel: "No model was asked: a rule worded it.",
  wordedBy: (model: string) => `Worded by ${model}.`,
  rule: "The figures are points of the ranker: what each reason added to an entry’s score, or took from it.",
  score: (points: string) => `${points} points`,
  given: "Given to the model, word for word",
  notGiven: "Found, not given to the model",
  cited: (figures: number[]) => `Cited as ${figures.join(", ")}`,
  speaks: "For it",
  against: "Against it",
  reasons: {
    words: "it has words of the question",
    meaning: "it means something like it",
    around: "what was said beside it fits",
    people: "the people it names",
    time: "when it was said",
    answer: "it reads like an answer",
    speaker: "who said it",
    form: "how long it is, and where it stands",
  },
  notReasons: {
    words: "words of the question are missing",
    meaning: "it means something else",
    around: "what was said beside it does not fit",
    people: "it is about other people",
    time: "it was said at another time",
    answer: "it does not read like an answer",
    speaker: "who said it",
    form: "how long it is, and where it stands",
  },
};
