/** What is typed into fields of several lines. */

export const linesOf = (typed: string): string[] => typed.split("\n").map((line) => line.trim()).filter(Boolean);

/** NAME=value a line; null where a line is none. */
export function pairsOf(typed: string): Record<string, string> | null {
  const pairs = linesOf(typed).map((line) => /^([^=\s]+)\s*=\s*(.+)$/.exec(line));
  if (pairs.some((pair) => !pair)) return null;
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? "", pair?.[2] ?? ""]));
}
