/** What the list of conversations says. */

export const list = {
  title: "Conversations",
  which: "Which conversations",
  search: "Search conversations",
  searchFor: "A title, or words from it",
  current: "Current",
  archive: "Archive",
  none: "No conversation yet.",
  archiveNone: "Nothing is in the archive.",
  notFound: "No conversation has these words.",
  more: "Show more",
  running: "being answered",
  end: "That is all",
} as const;
