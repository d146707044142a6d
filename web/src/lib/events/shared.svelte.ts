/** One event stream per browser: the tab that holds the lock reads it and tells the others; its end hands it on. */
import { Feed } from "./feed";
import type { Heard, LiveEvent } from "./types";

const NAME = "everword.events";
const LEADER_SILENT_MS = 45_000;

type Told =
  | { kind: "event"; event: LiveEvent }
  | { kind: "rejoined"; position: number }
  | { kind: "beat" }
  | { kind: "connected"; isConnected: boolean }
  | { kind: "where are you" }
  | { kind: "here"; position: number; isConnected: boolean };

class SharedStream {
  isConnected = $state(true);

  #listeners = new Set<(heard: Heard) => void>();
  #channel: BroadcastChannel | null = null;
  #feed: Feed | null = null;
  #position: number | null = null;
  #silence = 0;
  #isQueued = false;
  #ending = new AbortController();

  /** Begins to follow the stream; ends when the session does. */
  start(): void {
    if (this.#channel) return;
    this.#ending = new AbortController();
    this.#isQueued = false;
    this.#channel = new BroadcastChannel(NAME);
    this.#channel.onmessage = ({ data }: MessageEvent<Told>) => this.#hearLeader(data);
    this.#channel.postMessage({ kind: "where are you" } satisfies Told);
    if (!("locks" in navigator)) this.#lead();
    else this.#queueForLead(false);
  }

  stop(): void {
    this.#ending.abort();
    this.#feed?.close();
    this.#feed = null;
    this.#channel?.close();
    this.#channel = null;
    this.#position = null;
    clearTimeout(this.#silence);
  }

  /** Calls `listener` for each event from now on. Returns the undoing. */
  listen(listener: (heard: Heard) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #queueForLead(steal: boolean): void {
    if (!steal && this.#isQueued) return;
    if (!steal) this.#isQueued = true;
    const ending = this.#ending;
    const lead = () =>
      new Promise<void>((release) => {
        if (!steal) this.#isQueued = false;
        if (ending.signal.aborted) return release();
        ending.signal.addEventListener("abort", () => release());
        this.#lead();
      });
    const options: LockOptions = steal ? { steal: true } : { signal: ending.signal };
    navigator.locks.request(NAME, options, lead).catch(() => {
      // Another tab took the lead because it heard nothing from us, or the session ended.
      this.#feed?.close();
      this.#feed = null;
      if (!ending.signal.aborted) this.#queueForLead(false);
    });
    if (!this.#feed) this.#watchLeader();
  }

  #lead(): void {
    clearTimeout(this.#silence);
    if (this.#feed) return;
    this.#feed = new Feed(this.#position, {
      event: (event) => this.#tell({ kind: "event", event }),
      rejoined: (position) => this.#tell({ kind: "rejoined", position }),
      beat: () => this.#channel?.postMessage({ kind: "beat" } satisfies Told),
      connected: (isConnected) => this.#tell({ kind: "connected", isConnected }),
    });
  }

  #tell(told: Told): void {
    this.#channel?.postMessage(told);
    this.#take(told);
  }

  #hearLeader(told: Told): void {
    if (told.kind === "where are you") {
      if (this.#feed && this.#position !== null) {
        const isConnected = this.isConnected;
        this.#channel?.postMessage({ kind: "here", position: this.#position, isConnected } satisfies Told);
      }
      return;
    }
    if (this.#feed) return;
    this.#watchLeader();
    this.#take(told);
  }

  #take(told: Told): void {
    if (told.kind === "connected") this.isConnected = told.isConnected;
    if (told.kind === "here") this.isConnected = told.isConnected;
    if (told.kind === "rejoined" || (told.kind === "here" && this.#position === null)) {
      this.#position = told.position;
      this.#announce({ kind: "rejoined", position: told.position });
    }
    if (told.kind === "event" && (this.#position === null || told.event.position > this.#position)) {
      this.#position = told.event.position;
      this.#announce(hasForgotten(told.event) ? { kind: "rejoined", position: told.event.position } : told);
    }
  }

  #announce(heard: Heard): void {
    for (const listener of [...this.#listeners]) listener(heard);
  }

  #watchLeader(): void {
    clearTimeout(this.#silence);
    if (!("locks" in navigator)) return;
    this.#silence = window.setTimeout(() => this.#queueForLead(true), LEADER_SILENT_MS);
  }
}

/** Rows have gone: what any page shows may be among them, so each loads its snapshot again. */
function hasForgotten(event: LiveEvent): boolean {
  return event.type === "memory.forgetting" && event.payload.stage === "index";
}

export const stream = new SharedStream();
