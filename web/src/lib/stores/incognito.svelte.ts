/** An incognito conversation: its words are in this object alone, and go with it. Nothing here touches any storage. */
import { RequestError, stream } from "$lib/api/client";
import { FrameReader } from "$lib/events/sse";
import { strings as s } from "$lib/strings";

export interface TextFile {
  name: string;
  text: string;
}

export interface IncognitoTurn {
  key: number;
  speaker: "you" | "everword";
  text: string;
  files: TextFile[];
  saidAt: string;
  model: string | null;
  state: "whole" | "writing" | "stopped" | "failed";
  problem: string;
}

type Told = { text?: string; model?: string; place?: number; wait_s?: number; error?: { message: string } };

export class IncognitoConversation {
  turns = $state.raw<IncognitoTurn[]>([]);
  queue = $state.raw<{ place: number; waitS: number } | null>(null);

  readonly isBusy = $derived(this.turns.at(-1)?.state === "writing");

  #key = 0;
  #answering: AbortController | null = null;

  say(text: string, files: TextFile[]): void {
    this.#add("you", { text, files });
    void this.#answer();
  }

  /** Asks for the last answer again; the one that stood there is gone. */
  again(): void {
    if (this.turns.at(-1)?.speaker === "everword") this.turns = this.turns.slice(0, -1);
    void this.#answer();
  }

  /** Stops the answer that is being written; what was written stays on the page. */
  stop(): void {
    this.#answering?.abort();
  }

  /** Lets every word go. */
  end(): void {
    this.stop();
    this.turns = [];
  }

  async #answer(): Promise<void> {
    const said = this.turns.filter(({ text, files }) => text || files.length);
    const turns = said.map(({ speaker, text, files }) => ({ speaker, text, files }));
    const { key } = this.#add("everword", { state: "writing" });
    const answering = new AbortController();
    this.#answering = answering;
    try {
      const response = await stream("/incognito", { method: "POST", json: { turns }, signal: answering.signal });
      if (!(await this.#read(key, response))) this.#change(key, { state: "failed", problem: s.incognito.brokenOff });
    } catch (error) {
      if (answering.signal.aborted) this.#change(key, { state: "stopped" });
      else if (error instanceof RequestError) this.#change(key, { state: "failed", problem: problemOf(error) });
      else if (error instanceof TypeError) this.#change(key, { state: "failed", problem: s.incognito.brokenOff });
      else throw error;
    } finally {
      if (this.#answering === answering) this.#answering = null;
      this.queue = null;
    }
  }

  /** Takes the answer in as it comes; whether it came to its end. */
  async #read(key: number, response: Response): Promise<boolean> {
    const frames = new FrameReader();
    const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await pieces?.read(); piece && !piece.done; piece = await pieces?.read()) {
      for (const { event, data } of frames.read(piece.value)) {
        if (this.#take(key, event, JSON.parse(data) as Told)) return true;
      }
    }
    return false;
  }

  #take(key: number, event: string, told: Told): boolean {
    if (event === "queued") this.queue = { place: told.place ?? 1, waitS: told.wait_s ?? 0 };
    else if (event === "begun") this.#change(key, { model: told.model ?? null });
    else if (event === "delta") {
      this.queue = null;
      this.#change(key, { text: (this.turns.find((turn) => turn.key === key)?.text ?? "") + (told.text ?? "") });
    } else if (event === "failed") this.#change(key, { state: "failed", problem: told.error?.message ?? "" });
    else if (event === "done") this.#change(key, { state: "whole" });
    return event === "failed" || event === "done";
  }

  #add(speaker: IncognitoTurn["speaker"], values: Partial<IncognitoTurn>): IncognitoTurn {
    const turn: IncognitoTurn = {
      key: (this.#key += 1),
      speaker,
      text: "",
      files: [],
      saidAt: new Date().toISOString(),
      model: null,
      state: "whole",
      problem: "",
      ...values,
    };
    this.turns = [...this.turns, turn];
    return turn;
  }

  #change(key: number, values: Partial<IncognitoTurn>): void {
    this.turns = this.turns.map((turn) => (turn.key === key ? { ...turn, ...values } : turn));
  }
}

function problemOf(error: RequestError): string {
  return error.isUnreachable ? s.incognito.notReached : error.message;
}

/** The one on this tab's page, for what acts everywhere: stopping. */
export const onThisPage: { conversation: IncognitoConversation | null } = { conversation: null };
