/** Files on their way into a message: each is kept by the server as soon as it is chosen. */
import { RequestError } from "$lib/api/client";
import { attachments } from "$lib/api/server";
import type { Attachment } from "$lib/api/types";
import { strings as s } from "$lib/strings";

const LARGEST_BYTES = 20 * 1024 * 1024;

interface Item {
  key: string;
  name: string;
  sizeBytes: number;
  kept: Attachment | null;
  problem: string | null;
}

export class Tray {
  items = $state.raw<Item[]>([]);

  readonly kept = $derived(this.items.flatMap(({ kept }) => (kept ? [kept] : [])));
  readonly isBusy = $derived(this.items.some(({ kept, problem }) => !kept && !problem));

  add(files: File[]): void {
    for (const file of files) void this.#keep(file);
  }

  /** Takes back attachments that the server has already. */
  restore(kept: Attachment[]): void {
    const items = kept.map((one) => ({ key: one.id, name: one.name, sizeBytes: one.size_bytes, kept: one, problem: null }));
    this.items = [...this.items, ...items];
  }

  remove(key: string): void {
    this.items = this.items.filter((item) => item.key !== key);
  }

  clear(): void {
    this.items = [];
  }

  async #keep(file: File): Promise<void> {
    const key = crypto.randomUUID();
    const isTooLarge = file.size > LARGEST_BYTES;
    const problem = isTooLarge ? s.conversation.attachmentTooLarge(file.name) : null;
    this.items = [...this.items, { key, name: file.name, sizeBytes: file.size, kept: null, problem }];
    if (isTooLarge) return;
    try {
      this.#change(key, { kept: await attachments.keep(file) });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#change(key, { problem: error.message });
    }
  }

  #change(key: string, values: Partial<Item>): void {
    this.items = this.items.map((item) => (item.key === key ? { ...item, ...values } : item));
  }
}
