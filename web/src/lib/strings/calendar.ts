/** How months, days of the week and moments are named. */

export const months = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
] as const;

export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

export const time = { today: "Today", yesterday: "Yesterday", tomorrow: "tomorrow", at: "at", now: "now" } as const;
