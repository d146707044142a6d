/** Reads server-sent events from a fetch body: unlike EventSource, it can set headers and sees heartbeats. */

export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/** Turns pieces of text, cut anywhere, into whole frames. */
export class FrameReader {
  #rest = "";
  #frame: Frame = { id: null, event: "message", data: "" };

  /** The frames that `piece` completes. */
  read(piece: string): Frame[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    const frames: Frame[] = [];
    for (const line of lines) {
      if (line) this.#take(line);
      else if (this.#frame.data || this.#frame.event !== "message") frames.push(this.#finish());
    }
    return frames;
  }

  #take(line: string): void {
    if (line.startsWith(":")) return;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") this.#frame.id = value;
    else if (name === "event") this.#frame.event = value;
    else if (name === "data") this.#frame.data += this.#frame.data ? `\n${value}` : value;
  }

  #finish(): Frame {
    const frame = this.#frame;
    this.#frame = { id: null, event: "message", data: "" };
    return frame;
  }
}
