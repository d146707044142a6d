/** A form for work while it is typed: kept in this browser until it was sent or thrown away. */
import type { Spent } from "$lib/api/types";
import { keepForm, readForm } from "$lib/stores/drafts";
import { CeilingDraft } from "./ceiling.svelte";

const BOUND = "ceiling.";

export class WorkDraft<Fields extends Record<string, string>> {
  now = $state({} as Fields);
  /** Sent again under the same id, what had arrived after all is not made twice. */
  clientId: string;
  readonly ceiling: CeilingDraft;

  readonly #place: string;
  readonly #begun: Fields;

  /** `begun`: what the fields hold before anything is typed; `ceiling`: of what is there already, and is changed. */
  constructor(place: string, begun: Fields, ceiling: Spent | null = null) {
    const { typed, client_id } = readForm(place);
    this.#place = place;
    this.#begun = begun;
    this.clientId = client_id;
    this.now = { ...begun, ...named(typed, (name) => (name in begun ? name : null)) };
    this.ceiling = new CeilingDraft(ceiling, named(typed, (name) => (name.startsWith(BOUND) ? name.slice(BOUND.length) : null)));
  }

  /** What is another than it was, alone: the rest follows what is changed elsewhere. */
  get #typed(): Record<string, string> {
    const fields = Object.entries(this.now).filter(([name, value]) => value !== this.#begun[name]);
    const bounds = Object.entries(this.ceiling.typedAnew).map(([name, value]) => [BOUND + name, value]);
    return Object.fromEntries([...fields, ...bounds]) as Record<string, string>;
  }

  get isTyped(): boolean {
    return Object.keys(this.#typed).length > 0;
  }

  /** For an effect: whatever is typed is kept. */
  keep(): void {
    keepForm(this.#place, { typed: this.#typed, client_id: this.clientId });
  }

  /** It was sent, or is thrown away. */
  clear(): void {
    this.now = { ...this.#begun };
    this.ceiling.reset();
    this.clientId = crypto.randomUUID();
    this.keep();
  }
}

function named(typed: Record<string, string>, nameOf: (name: string) => string | null): Record<string, string> {
  return Object.fromEntries(
    Object.entries(typed).flatMap(([name, value]) => {
      const known = nameOf(name);
      return known === null ? [] : [[known, value]];
    }),
  );
}
