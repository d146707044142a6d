/** The opened conversation: its snapshot kept true by the stream, and what the person does in it. */
import { RequestError } from "$lib/api/client";
import { conversations, runs } from "$lib/api/server";
import type { Attachment, Conversation, Entry, Run, Waiting } from "$lib/api/types";
import { answeredAgain, applied, emptyThread, hasEnded, pendingOf, threadFrom, waitingBehind, type Thread } from "$lib/conversation/thread";
import { stream } from "$lib/events/shared.svelte";
import type { LiveEvent } from "$lib/events/types";
import { delivered } from "./delivery";

/** A message on its way to the server. */
export interface Outgoing {
  text: string;
  client_id: string;
  attachments: Attachment[];
  saidAt: string;
  state: "sending" | "waiting" | "refused";
  problem: RequestError | null;
}

export class OpenConversation {
  id: string | null;
  thread = $state.raw<Thread | null>(null);
  outgoing = $state.raw<Outgoing | null>(null);
  problem = $state.raw<RequestError | null>(null);

  #held: LiveEvent[] | null = null;
  #giveUp = new AbortController();
  #stopListening: () => void;
  #loading: Promise<void> | null = null;
  #rejoinedAt = 0;
  #viewers = 0;
  static #handed: OpenConversation | null = null;

  // No $derived: it would end with the screen that made it, and this may be handed to another.
  get isBusy(): boolean {
    return this.thread?.pending ? !hasEnded(this.thread.pending.run) : false;
  }

  /** The conversation at an address; one that has just begun is taken over with what it already shows. */
  static at(id: string | null): OpenConversation {
    const begun = id !== null && this.#handed?.id === id ? this.#handed : null;
    this.#handed = null;
    const opened = begun ?? new OpenConversation(id);
    opened.#viewers += 1;
    return opened;
  }

  constructor(id: string | null) {
    this.id = id;
    this.#stopListening = stream.listen((heard) => {
      if (heard.kind === "event") this.#take(heard.event);
      else this.#rejoined(heard.position);
    });
    if (id) void this.load();
  }

  /** Gives this conversation, which now has an address, to the screen that opens at it. */
  handOver(id: string): void {
    this.id = id;
    OpenConversation.#handed = this;
  }

  close(): void {
    this.#viewers -= 1;
    if (this.#viewers > 0 || OpenConversation.#handed === this) return;
    this.#stopListening();
    this.#giveUp.abort();
  }

  #rejoined(position: number): void {
    this.#rejoinedAt = position;
    if (this.thread && position > this.thread.position) void this.load();
  }

  /** Loads the snapshot; what the stream says meanwhile is applied behind it. */
  load(): Promise<void> {
    this.#loading ??= this.#loadUntilJoined().finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** A snapshot from before the stream was joined misses what happened between the two: then once more. */
  async #loadUntilJoined(): Promise<void> {
    do await this.#load();
    while (this.thread && !this.problem && this.thread.position < this.#rejoinedAt);
  }

  async #load(): Promise<void> {
    if (!this.id) return;
    this.#held ??= [];
    try {
      this.thread = threadFrom(await conversations.read(this.id));
      this.problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.problem = error;
    } finally {
      this.#release();
    }
  }

  #take(event: LiveEvent): void {
    if (this.#held) this.#held.push(event);
    else if (this.thread) this.#apply(event);
  }

  #apply(event: LiveEvent): void {
    if (!this.thread) return;
    const watched = this.thread.pending?.run.id;
    this.thread = applied(this.thread, event);
    if (event.type === "run.finished" && event.payload.run.id === watched && document.visibilityState === "visible") {
      void runs.seen(watched).catch(() => undefined); // else Today tells of it once more
    }
    if (this.thread.isStale && !this.#loading) void this.load();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const event of held) this.#take(event);
  }

  /** Says something here, or begins a conversation with it. Returns the conversation once the ledger has the words. */
  async say(text: string, clientId: string, attachments: Attachment[]): Promise<Conversation | null> {
    const saidAt = new Date().toISOString();
    this.outgoing = { text, client_id: clientId, attachments, saidAt, state: "sending", problem: null };
    const draft = { text, client_id: clientId, attachment_ids: attachments.map(({ id }) => id) };
    this.#held ??= [];
    try {
      const said = await delivered(
        () => (this.id ? conversations.say(this.id, draft) : conversations.start(draft)),
        () => this.#markOutgoing("waiting", null),
        this.#giveUp.signal,
      );
      this.#begin(said.conversation, said.entry, said.run);
      this.outgoing = null;
      return said.conversation;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#markOutgoing("refused", error);
      return null;
    } finally {
      this.#release();
    }
  }

  /** Takes a refused message back out of the conversation. */
  takeBack(): void {
    this.outgoing = null;
  }

  #markOutgoing(state: Outgoing["state"], problem: RequestError | null): void {
    if (this.outgoing) this.outgoing = { ...this.outgoing, state, problem };
  }

  #begin(conversation: Conversation, entry: Entry, run: Run): void {
    const before = this.thread ?? emptyThread(conversation);
    if (entry.is_queued) {
      this.thread = waitingBehind({ ...before, conversation }, entry, run);
      return;
    }
    const parent = before.entries.findIndex(({ id }) => id === entry.parent_id);
    if (entry.parent_id !== null && parent < 0) {
      void this.load(); // it follows an answer that came while it was on its way
      return;
    }
    const kept = before.entries.slice(0, parent + 1).filter(({ id }) => id !== entry.id);
    this.thread = { ...before, conversation, entries: [...kept, entry], pending: hasEnded(run) ? null : pendingOf(run) };
    if (hasEnded(run)) void this.load();
  }

  /** A new version of the person's message, and a new answer to it. Throws RequestError; nothing is changed then. */
  async edit(entry: Entry, text: string, clientId: string): Promise<void> {
    await this.#whileHolding(async () => {
      const said = await delivered(
        () => conversations.edit(entry.id, { text, client_id: clientId }),
        () => undefined,
        this.#giveUp.signal,
      );
      this.#begin(said.conversation, said.entry, said.run);
    });
  }

  /** Another version of an answer. Throws RequestError. */
  async retry(entry: Entry): Promise<void> {
    await this.#whileHolding(async () => {
      const { run } = await conversations.retry(entry.id);
      if (this.thread) this.thread = answeredAgain(this.thread, entry.parent_id, run);
    });
  }

  /** Shows the branch that runs through another version. Throws RequestError. */
  async show(versionId: string): Promise<void> {
    const { id } = this;
    if (!id) return;
    await this.#whileHolding(async () => {
      this.thread = threadFrom(await conversations.show(id, versionId));
    });
  }

  async #whileHolding(act: () => Promise<void>): Promise<void> {
    this.#held ??= [];
    try {
      await act();
    } finally {
      this.#release();
    }
  }

  /** Asks for an answer where the last attempt left none: the same words as a new version of the message. */
  async answerAgain(message: Entry): Promise<void> {
    await this.edit(message, message.text, crypto.randomUUID());
  }

  /** Takes a message back that waits to be answered; false where its answer has begun. Throws RequestError. */
  async takeBackWaiting({ run }: Waiting): Promise<boolean> {
    return (await runs.takeBack(run.id)).state === "cancelled";
  }

  async stop(): Promise<void> {
    const run = this.thread?.pending?.run;
    if (run && !hasEnded(run)) await runs.stop(run.id);
  }

  async change(changes: Partial<Pick<Conversation, "title" | "pinned" | "archived">>): Promise<void> {
    if (!this.id || !this.thread) return;
    this.thread = { ...this.thread, conversation: await conversations.change(this.id, changes) };
  }
}
