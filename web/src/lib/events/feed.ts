/** One connection to the event stream: reconnects from the last position, and polls where a proxy holds the stream back. */
import { addressOf } from "$lib/api/client";
import { FrameReader, type Frame } from "./sse";
import type { LiveEvent } from "./types";

const HELLO_WITHIN_MS = 4_000;
const SILENCE_MS = 25_000; // the server beats every 10 s
const POLL_WAIT_S = 20;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

export interface FeedListener {
  event(event: LiveEvent): void;
  /** Connected without knowing what came before `position`, or the server no longer has it. */
  rejoined(position: number): void;
  /** A sign of life. */
  beat(): void;
  connected(isConnected: boolean): void;
}

type Polled = { events: LiveEvent[]; position: number; is_reset: boolean };

export class Feed {
  #position: number | null;
  #listener: FeedListener;
  #end = new AbortController();
  #isHeldBack = false;
  #failures = 0;

  constructor(position: number | null, listener: FeedListener) {
    this.#position = position;
    this.#listener = listener;
    void this.#run();
  }

  close(): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        if (!this.#isHeldBack) await this.#stream();
        while (this.#isHeldBack && !this.#end.signal.aborted) await this.#poll();
      } catch {
        // boundary: whatever ended this connection, the next one starts from the position we hold
      }
      if (this.#end.signal.aborted) return;
      this.#listener.connected(false);
      await pause(RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 8_000, this.#end.signal);
      this.#failures += 1;
    }
  }

  async #stream(): Promise<void> {
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.#end.signal]);
    let hasGreeted = false;
    const helloTimer = setTimeout(() => {
      this.#isHeldBack = true;
      giveUp.abort();
    }, HELLO_WITHIN_MS);
    let silenceTimer = 0;
    const alive = () => {
      clearTimeout(silenceTimer);
      silenceTimer = window.setTimeout(() => giveUp.abort(), SILENCE_MS);
      this.#listener.beat();
    };
    try {
      const body = await this.#open(signal);
      const reader = new FrameReader();
      for await (const piece of chunksOf(body)) {
        alive();
        for (const frame of reader.read(piece)) {
          if (frame.event === "hello" && !hasGreeted) {
            hasGreeted = true;
            clearTimeout(helloTimer);
          }
          this.#take(frame);
        }
      }
    } catch (error) {
      if (error instanceof TypeError) this.#isHeldBack = false; // no server at all is not a slow proxy
      throw error;
    } finally {
      clearTimeout(helloTimer);
      clearTimeout(silenceTimer);
    }
  }

  async #open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const after = this.#position === null ? "now" : this.#position;
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.#position !== null) headers["Last-Event-ID"] = String(this.#position);
    const response = await fetch(addressOf("/events", { after }), { headers, signal, cache: "no-store" });
    if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}.`);
    return response.body;
  }

  #take(frame: Frame): void {
    if (frame.event === "beat" || !frame.data) return;
    const told = JSON.parse(frame.data) as Record<string, unknown>;
    const position = Number(frame.id);
    if (frame.event === "hello") this.#greeted(position);
    else if (frame.event === "reset") this.#rejoin(position);
    else this.#pass(eventFromFrame(frame.event, position, told));
  }

  #greeted(position: number): void {
    this.#failures = 0;
    this.#listener.connected(true);
    if (this.#position === null) this.#rejoin(position);
  }

  #rejoin(position: number): void {
    this.#position = position;
    this.#listener.rejoined(position);
  }

  #pass(event: LiveEvent): void {
    if (this.#position !== null && event.position <= this.#position) return;
    this.#position = event.position;
    this.#listener.event(event);
  }

  async #poll(): Promise<void> {
    const after = this.#position ?? "now";
    const wait_s = this.#position === null ? 0 : POLL_WAIT_S;
    const response = await fetch(addressOf("/events/poll", { after, wait_s }), {
      signal: this.#end.signal,
      cache: "no-store",
    });
    if (!response.ok) throw new Error(`The poll answered ${response.status}.`);
    const told = (await response.json()) as Polled;
    this.#listener.beat();
    this.#failures = 0;
    this.#listener.connected(true);
    if (this.#position === null || told.is_reset) this.#rejoin(told.position);
    for (const event of told.events) this.#pass(event);
    this.#position = Math.max(this.#position ?? 0, told.position);
  }
}

/** The shape that a poll gives, from a frame, in which the payload lies flat. */
export function eventFromFrame(type: string, position: number, told: Record<string, unknown>): LiveEvent {
  const { run_id = null, created_at = "", ...payload } = told;
  delete payload.position; // the event's own; the frame's id has it too
  return { type, position, run_id, created_at, payload } as unknown as LiveEvent;
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
