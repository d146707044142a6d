/** Who speaks in a file of JSON Lines that is about to be brought: its own look at the beginning, sent nowhere. */

const LOOKED_AT_BYTES = 4_000_000;
const OFFERED = 8;

export interface Heard {
  name: string;
  count: number;
}

const isLines = (name: string): boolean => /\.(jsonl|ndjson)$/i.test(name);

/** The most frequent speakers, the commonest first; none where the file is of another kind. */
export async function speakersIn(file: File): Promise<Heard[]> {
  if (!isLines(file.name)) return [];
  return speakersOf(await file.slice(0, LOOKED_AT_BYTES).text());
}

export function speakersOf(lines: string): Heard[] {
  const counts = new Map<string, number>();
  for (const line of lines.split("\n")) {
    const name = speakerOf(line);
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, OFFERED);
}

/** Who is taken to be the owner until they say otherwise: who has their name, whole or the first of it. */
export function likelyMe(heard: Heard[], owner: string): string {
  const first = (name: string) => name.trim().toLowerCase().split(/\s+/)[0];
  const whole = heard.find(({ name }) => name.trim().toLowerCase() === owner.trim().toLowerCase());
  const alike = heard.filter(({ name }) => first(name) === first(owner));
  return whole?.name ?? (alike.length === 1 ? (alike[0]?.name ?? "") : "");
}

function speakerOf(line: string): string {
  if (!line.trim()) return "";
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === "object" && "speaker" in value && typeof value.speaker === "string" ? value.speaker : "";
  } catch {
    return ""; // cut by the look's end, or no line of this form: the server says so when it reads the file
  }
}
