/** Text that was typed and not yet accepted by the server, kept in this browser per conversation. */

export interface Draft {
  text: string;
  /** Sent again under the same id, a message that had arrived after all is not doubled. */
  client_id: string;
}

const key = (conversationId: string | null) => `everword.draft.${conversationId ?? "new"}`;

export function readDraft(conversationId: string | null): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(key(conversationId)) ?? "null") as Draft | null;
    if (kept?.text) return kept;
  } catch {
    // Storage is closed or holds something else: begin with nothing.
  }
  return { text: "", client_id: crypto.randomUUID() };
}

export function keepDraft(conversationId: string | null, draft: Draft): void {
  try {
    if (draft.text) localStorage.setItem(key(conversationId), JSON.stringify(draft));
    else localStorage.removeItem(key(conversationId));
  } catch {
    // Storage is full or closed: the text is still in the field.
  }
}
