/** Text files for an incognito conversation: read by the browser alone, so that no other process writes anything. */
import type { TextFile } from "$lib/stores/incognito.svelte";
import { strings as s } from "$lib/strings";

const LARGEST_BYTES = 200_000;

/** The text of a file, or the sentence that says why it cannot be used here. */
export async function readText(file: File): Promise<TextFile | string> {
  if (file.size > LARGEST_BYTES) return s.incognito.fileTooLarge(file.name);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    if (!text.includes("\0")) return { name: file.name || s.incognito.pasted, text };
  } catch {
    // Not UTF-8: no plain text as far as this page can tell. The sentence below says what to do.
  }
  return s.incognito.fileNotText(file.name);
}
