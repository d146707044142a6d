/** What was typed and not yet accepted by the server, kept in this browser for who typed it, until they sign out. */

const PREFIX = "everword.draft.";
let personId = "";

export interface Draft {
  text: string;
  /** Sent again under the same id, a message that had arrived after all is not doubled. */
  client_id: string;
}

export interface FormDraft {
  /** By the field's name. */
  typed: Record<string, string>;
  client_id: string;
}

export function readDraft(conversationId: string | null): Draft {
  const kept = read<Draft>(conversationId ?? "new");
  return kept?.text ? kept : { text: "", client_id: crypto.randomUUID() };
}

export function keepDraft(conversationId: string | null, draft: Draft): void {
  keep(conversationId ?? "new", draft.text ? draft : null);
}

export function readForm(place: string): FormDraft {
  const kept = read<FormDraft>(place);
  return kept?.typed ? kept : { typed: {}, client_id: crypto.randomUUID() };
}

export function keepForm(place: string, draft: FormDraft): void {
  keep(place, Object.keys(draft.typed).length ? draft : null);
}

export function isFormKept(place: string): boolean {
  return Object.keys(readForm(place).typed).length > 0;
}

export function forgetForm(place: string): void {
  keep(place, null);
}

/** From now on drafts are read and kept for this person alone. */
export function useDraftsOf(id: string): void {
  personId = id;
}

/** Nobody's draft stays behind: whoever comes next at this browser may be another. */
export function forgetDrafts(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  } catch {
    // Storage is closed: there is nothing in it.
  }
}

const key = (place: string) => `${PREFIX}${personId}.${place}`;

function read<Kept>(place: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(key(place)) ?? "null") as Kept | null;
  } catch {
    return null; // Storage is closed or holds something else: begin with nothing.
  }
}

function keep(place: string, draft: Draft | FormDraft | null): void {
  try {
    if (draft) localStorage.setItem(key(place), JSON.stringify(draft));
    else localStorage.removeItem(key(place));
  } catch {
    // Storage is full or closed: it still stands in the field.
  }
}
