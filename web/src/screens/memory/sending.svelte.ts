/** Files on their way into an import: one after the other, with how far each is. */
import { RequestError } from "$lib/api/client";
import { imports } from "$lib/api/server";
import { importStore } from "$lib/stores/imports.svelte";

interface Item {
  key: string;
  file: File;
  name: string;
  sizeBytes: number;
  sentBytes: number;
  isMine: boolean;
  /** The speaker in it who is the owner. */
  me: string | null;
  problem: string;
}

export class Sending {
  items = $state.raw<Item[]>([]);
  #abort = new Map<string, AbortController>();
  #isBusy = false;

  add(files: File[], isMine: boolean, me: string | null = null): void {
    const added = files.map((file) => ({
      key: crypto.randomUUID(),
      file,
      name: file.name,
      sizeBytes: file.size,
      sentBytes: 0,
      isMine,
      me,
      problem: "",
    }));
    this.items = [...this.items, ...added];
    void this.#work();
  }

  again(key: string): void {
    this.#change(key, { problem: "", sentBytes: 0 });
    void this.#work();
  }

  stop(key: string): void {
    this.#abort.get(key)?.abort();
    this.items = this.items.filter((item) => item.key !== key);
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let item = this.#next(); item; item = this.#next()) await this.#send(item);
    this.#isBusy = false;
  }

  #next(): Item | undefined {
    return this.items.find(({ problem }) => !problem);
  }

  async #send(item: Item): Promise<void> {
    const abort = new AbortController();
    this.#abort.set(item.key, abort);
    try {
      const whose = { owner_is_me: item.isMine, ...(item.me && { me: item.me }) };
      const sent = (sentBytes: number) => this.#change(item.key, { sentBytes });
      const { job } = await imports.bring(item.file, whose, sent, abort.signal);
      importStore.put(job);
      this.items = this.items.filter(({ key }) => key !== item.key);
    } catch (error) {
      if (error instanceof RequestError) this.#change(item.key, { problem: error.message });
      else if (!abort.signal.aborted) throw error;
    } finally {
      this.#abort.delete(item.key);
    }
  }

  #change(key: string, values: Partial<Item>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...values } : item));
  }
}
