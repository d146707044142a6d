/** A run's ceilings while they are typed. What is no number goes as it stands: the server says what it takes. */
import { attempt } from "$lib/api/attempt";
import { work as server } from "$lib/api/server";
import type { CeilingAsked, Spent } from "$lib/api/types";
import { type Bound, BOUNDS, fieldsOf, shown, told, valueOf } from "./bounds";

export class CeilingDraft {
  typed = $state<Record<Bound, string> | null>(null);
  usual = $state.raw<Spent | null>(null);

  readonly #before: Spent | null;
  #kept: Partial<Record<Bound, string>>;

  /** `before`: of what is there already; null where it is made now, and then it begins with the usual. `kept`: typed earlier. */
  constructor(before: Spent | null = null, kept: Partial<Record<Bound, string>> = {}) {
    this.#before = before;
    this.#kept = kept;
    if (before) this.typed = { ...fieldsOf(before), ...kept };
  }

  async load(): Promise<void> {
    await attempt(async () => {
      this.usual = (await server.day()).run_at_most;
      this.typed ??= { ...fieldsOf(this.usual), ...this.#kept };
    });
  }

  /** What is another than before; nothing where all is as it was. An empty field is the usual. */
  get asked(): CeilingAsked | undefined {
    const { typed, usual } = this;
    const before = this.#before ?? usual;
    if (!typed || !before) return undefined;
    const meant = (name: Bound) => (typed[name].trim() ? valueOf(name, typed[name]) : (usual ?? before)[name]);
    const changed = (Object.keys(this.typedAnew) as Bound[]).map((name) => [name, meant(name)]);
    return changed.length ? (Object.fromEntries(changed) as CeilingAsked) : undefined;
  }

  /** The fields that hold another than before, as they stand. */
  get typedAnew(): Partial<Record<Bound, string>> {
    const { typed } = this;
    const before = this.#before ?? this.usual;
    if (!typed || !before) return this.#kept;
    const changed = BOUNDS.filter((name) => typed[name].trim() !== shown(name, before[name])).map((name) => [name, typed[name]]);
    return Object.fromEntries(changed) as Partial<Record<Bound, string>>;
  }

  /** In one line, as it would be; null while a field holds no number. */
  get says(): string | null {
    const before = this.#before ?? this.usual;
    if (!before) return null;
    const now = { ...before, ...this.asked };
    return Object.values(now).every((value) => typeof value === "number") ? told(now as Spent) : null;
  }

  reset(): void {
    const before = this.#before ?? this.usual;
    this.#kept = {};
    this.typed = before && fieldsOf(before);
  }
}
