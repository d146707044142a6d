/** Whose words are looked for. The owner's have a value that no name is: what is empty is anyone's. */
export const ME = "@me";

/** As the server takes it. */
export function saidBy(speaker: string | undefined): { label: "owner" } | { speaker: string } | Record<string, never> {
  if (!speaker) return {};
  return speaker === ME ? { label: "owner" } : { speaker };
}
