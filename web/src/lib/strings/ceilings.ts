/** What is said of a run's ceilings, where they are set and where they are listed. */
export const ceilings = {
  title: "What a run may use",
  atMost: (tokens: string, dollars: string, calls: string, time: string) => `At most ${tokens} tokens, ${dollars}, ${calls} calls of tools, ${time} of work a run`,
  fields: { tokens: "Tokens", dollars: "US dollars", calls: "Calls of tools", seconds: "Minutes of work" },
  hint: "At one of them the run ends and says which. Waiting is free. An empty field is as usual.",
  usual: (value: string) => `Usual: ${value}`,
  minutesWrong: "Give minutes: from 0.1 to 43,200 (30 days).",
};
