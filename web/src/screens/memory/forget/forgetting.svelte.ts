/** From a choice to its receipt: look first, then let go, then follow until it has ended. */
import { RequestError } from "$lib/api/client";
import { memory } from "$lib/api/server";
import type { Forgetting, ForgetPreview, ForgetSelection } from "$lib/api/types";

const ASK_AGAIN_MS = 400;

export class ForgetFlow {
  preview = $state.raw<ForgetPreview | null>(null);
  begun = $state.raw<Forgetting | null>(null);
  receipts = $state.raw<Forgetting[]>([]);
  problem = $state.raw<RequestError | null>(null);
  isLooking = $state(false);
  #selection: ForgetSelection = {};
  #timer = 0;

  /** The receipts; goes on following what was begun before this page was opened. */
  async load(): Promise<void> {
    await this.#tell(async () => {
      this.receipts = (await memory.forgettings()).forgettings;
      const running = this.receipts.find(({ state }) => state === "running");
      if (running) this.#follow(running);
    });
  }

  async look(selection: ForgetSelection): Promise<void> {
    this.#selection = selection;
    this.begun = null;
    this.isLooking = true;
    await this.#tell(async () => {
      this.preview = await memory.forgetPreview(selection);
    });
    this.isLooking = false;
  }

  /** Keeps everything: back to choosing. */
  leave(): void {
    this.preview = null;
    this.begun = null;
    this.problem = null;
  }

  async forget(redact: string[]): Promise<void> {
    const preview = this.preview;
    if (!preview) return;
    await this.#tell(async () => {
      this.#follow(await memory.forget({ selection: this.#selection, up_to: preview.up_to, redact }));
      this.preview = null;
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #follow(forgetting: Forgetting): void {
    this.begun = forgetting;
    if (forgetting.state !== "running") {
      this.receipts = [forgetting, ...this.receipts.filter(({ id }) => id !== forgetting.id)];
      return;
    }
    this.#timer = window.setTimeout(
      () => void this.#tell(async () => this.#follow(await memory.forgetting(forgetting.id))),
      ASK_AGAIN_MS,
    );
  }

  async #tell(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    }
  }
}
