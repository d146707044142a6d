/** The list of conversations: pinned first, then the newest. Order changes on loading only, not under the reader. */
import { conversations as server } from "$lib/api/server";
import type { Conversation } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";

const PAGE = 50;

class ConversationsStore {
  all = $state.raw<Conversation[]>([]);
  next = $state.raw<string | null>(null);
  isLoaded = $state(false);

  readonly pinned = $derived(this.all.filter(({ pinned }) => pinned));
  readonly others = $derived(this.all.filter(({ pinned }) => !pinned));

  async load(): Promise<void> {
    const page = await server.list({ limit: PAGE });
    this.all = page.conversations;
    this.next = page.next;
    this.isLoaded = true;
  }

  async loadMore(): Promise<void> {
    if (!this.next) return;
    const page = await server.list({ limit: PAGE, before: this.next });
    const known = new Set(this.all.map(({ id }) => id));
    this.all = [...this.all, ...page.conversations.filter(({ id }) => !known.has(id))];
    this.next = page.next;
  }

  /** Takes in a conversation as it is now. */
  put(conversation: Conversation): void {
    const at = this.all.findIndex(({ id }) => id === conversation.id);
    if (conversation.archived) this.all = this.all.filter(({ id }) => id !== conversation.id);
    else if (at >= 0) this.all = this.all.with(at, conversation);
    else this.all = [conversation, ...this.all];
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined") void this.load().catch(() => undefined);
      else if (heard.event.type === "conversation.changed") this.put(heard.event.payload.conversation);
    });
  }
}

export const conversationList = new ConversationsStore();
