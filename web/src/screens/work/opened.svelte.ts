/** One run as it is now: its steps and its turns, kept true by the stream, and what the person does with it. */
import { RequestError } from "$lib/api/client";
import { runs, work as server } from "$lib/api/server";
import type { OpenedWork, Run } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";

const RELOAD_AFTER_MS = 120;

export class OpenedRun {
  work = $state.raw<OpenedWork | null>(null);
  problem = $state.raw<RequestError | null>(null);
  /** What the server refused last. */
  refused = $state.raw<RequestError | null>(null);

  readonly id: string;
  #timer = 0;

  constructor(id: string) {
    this.id = id;
  }

  async load(): Promise<void> {
    try {
      this.work = await server.read(this.id);
      this.problem = null;
      if (this.refused?.code === "unreachable") this.refused = null; // it answers again
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    const undo = stream.listen((heard) => {
      if (heard.kind === "event" && !this.#isMine(heard.event)) return;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.load(), RELOAD_AFTER_MS);
    });
    return () => {
      clearTimeout(this.#timer);
      undo();
    };
  }

  #isMine(event: { type: string; run_id: string | null }): boolean {
    return event.run_id === this.id && (event.type === "work.step" || event.type === "run.state" || event.type === "run.finished");
  }

  pause = () => this.#act(async () => this.#put(await server.pause(this.id)));
  goOn = () => this.#act(async () => this.#put(await server.resume(this.id)));
  stop = () => this.#act(async () => this.#put(await runs.stop(this.id)));
  note = (text: string) => this.#act(() => server.note(this.id, text));

  /** The same again, as another run; null where it was refused. */
  async again(): Promise<Run | null> {
    let made: Run | null = null;
    await this.#act(async () => {
      made = (await server.again(this.id)).run;
    });
    return made;
  }

  #put(run: Run): void {
    if (this.work) this.work = { ...this.work, run: { ...this.work.run, ...run, title: run.title ?? this.work.run.title } };
  }

  async #act(act: () => Promise<unknown>): Promise<boolean> {
    this.refused = null;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.refused = error;
      return false;
    }
    await this.load();
    return true;
  }
}
