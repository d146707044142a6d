/** Streaming Markdown: text that grows is cut into blocks, and only the last block is read again. */
import { Marked, type Token } from "marked";
import type { Citation } from "$lib/api/types";
import { indexOfCodePoint } from "$lib/conversation/codepoints";

export interface Block {
  /** Its place; a block that has not changed keeps its object, so nothing is drawn twice. */
  key: number;
  token: Token;
  /** The text goes on elsewhere: this block will not change any more. */
  isClosed: boolean;
}

// Private-use characters enclose a footnote's number while the text is read; the text's own are removed first.
const OPEN = "\ue000";
const CLOSE = "\ue001";
const STRAY_MARKS = /[\ue000\ue001]/g;
export const CITE_MARK = /\ue000(\d+)\ue001/;

const reader = new Marked({ gfm: true, breaks: false });

/** The text with a mark for each footnote, behind the code point where it stands. */
export function withCiteMarks(text: string, citations: Citation[]): string {
  const plain = text.replace(STRAY_MARKS, "\ufffd");
  if (!citations.length) return plain;
  let marked = "";
  let from = 0;
  for (const { number, after } of [...citations].sort((a, b) => a.after - b.after || a.number - b.number)) {
    const index = Math.max(from, indexOfCodePoint(plain, after));
    marked += `${plain.slice(from, index)}${OPEN}${number}${CLOSE}`;
    from = index;
  }
  return marked + plain.slice(from);
}

export const withoutCiteMarks = (text: string): string => text.replace(/\ue000\d+\ue001/g, "");

/** Reads a growing text. Cost of an update: the length of the last block, not of the text. */
export class BlockReader {
  #closed: Block[] = [];
  #closedText = "";

  /** The blocks of `text`. `isComplete` closes the last one. */
  read(text: string, isComplete: boolean): Block[] {
    const source = text.replace(/\r\n?/g, "\n");
    if (!source.startsWith(this.#closedText)) this.#startAgain();
    const tokens = reader.lexer(source.slice(this.#closedText.length));
    const last = tokens.findLastIndex(({ type }) => type !== "space");
    for (const token of tokens.slice(0, Math.max(last, 0))) {
      this.#closedText += token.raw;
      if (isDrawn(token)) this.#closed.push({ key: this.#closed.length, token, isClosed: true });
    }
    const open = tokens[last];
    if (!open || !isDrawn(open)) return [...this.#closed];
    return [...this.#closed, { key: this.#closed.length, token: open, isClosed: isComplete }];
  }

  #startAgain(): void {
    this.#closed = [];
    this.#closedText = "";
  }
}

const isDrawn = ({ type }: Token): boolean => type !== "space" && type !== "def";
