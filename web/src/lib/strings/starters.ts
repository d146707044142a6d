/** What Schedules and Triggers both say of what begins work by itself. */
export const starters = {
  lastRun: "Its newest run",
  pausedFor: "Paused:",
  pause: "Pause",
  pauseNamed: (text: string) => `Pause: ${text}`,
  resume: "Resume",
  resumeNamed: (text: string) => `Resume: ${text}`,
  change: "Change",
  changeNamed: (text: string) => `Change: ${text}`,
  save: "Save",
  leave: "Leave it as it is",
  throwAway: "Throw this away",
  remove: "Delete",
  removeNamed: (text: string) => `Delete: ${text}`,
  keep: "Keep it",
  failed: "That was not done.",
};
