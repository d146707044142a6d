/** Code in colours. The grammars are loaded when the first code block is finished. */
import type { ElementContent } from "hast";

export interface Piece {
  text: string;
  kind: string; // "" for plain text, else the class of highlight.js without its prefix
}

type Highlighter = (code: string, language: string) => Piece[] | null;
let loading: Promise<Highlighter> | null = null;

const MOST_CHARACTERS = 60_000; // above, colours are not worth the wait

/** The pieces of `code`, or null where the language is not known. */
export async function highlighted(code: string, language: string): Promise<Piece[] | null> {
  if (!language || code.length > MOST_CHARACTERS) return null;
  loading ??= import("./grammars").then(({ lowlight }) => (text, name) => {
    return lowlight.registered(name) ? piecesOf(lowlight.highlight(name, text).children as ElementContent[]) : null;
  });
  return (await loading)(code, language.toLowerCase());
}

function piecesOf(nodes: ElementContent[], kind = ""): Piece[] {
  return nodes.flatMap((node) => {
    if (node.type === "text") return [{ text: node.value, kind }];
    if (node.type !== "element") return [];
    const classes = node.properties["className"];
    const own = Array.isArray(classes) ? String(classes[0]).replace("hljs-", "") : kind;
    return piecesOf(node.children, own);
  });
}
