/** Who is signed in, and whether this Everword has an owner yet. */
import { onSignedOut, RequestError, useCsrfToken } from "$lib/api/client";
import { door } from "$lib/api/server";
import type { Person, Session } from "$lib/api/types";
import { forgetDrafts, useDraftsOf } from "./drafts";

type Status = "asking" | "signed in" | "signed out" | "no owner yet" | "unreachable";

class SessionStore {
  status = $state<Status>("asking");
  person = $state.raw<Person | null>(null);
  /** Somebody has a passkey for this address. */
  arePasskeysAvailable = $state(false);
  /** A passkey could be made for this address. */
  arePasskeysPossible = $state(false);

  async load(): Promise<void> {
    try {
      this.begin(await door.session());
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 401) {
        this.arePasskeysAvailable = error.details["passkeys_available"] === true;
        this.status = error.details["needs_setup"] === true ? "no owner yet" : "signed out";
      } else {
        this.status = "unreachable";
      }
    }
  }

  begin(session: Session): void {
    useCsrfToken(session.csrf_token);
    this.person = session.person;
    useDraftsOf(session.person.id);
    this.arePasskeysPossible = session.passkeys_possible;
    this.status = "signed in";
  }

  async signOut(): Promise<void> {
    await door.logout();
    forgetDrafts();
    this.end();
  }

  /** Forgets what this page knew of the person; a reload would show the same. */
  end(): void {
    useCsrfToken("");
    this.person = null;
    this.status = "signed out";
  }
}

export const session = new SessionStore();
onSignedOut(() => session.end());
