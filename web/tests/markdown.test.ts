import { flushSync, mount, unmount } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import type { Citation } from "../src/lib/api/types";
import Markdown from "../src/lib/markdown/Markdown.svelte";
import { BlockReader, withCiteMarks } from "../src/lib/markdown/blocks";
import { decoded, safeAddress } from "../src/lib/markdown/links";

let shown: Record<string, unknown> | null = null;

function drawn(text: string, citations: Citation[] = []): HTMLElement {
  const footnotes = { addressOf: (number: number) => `#note-${number}`, open: () => undefined };
  shown = mount(Markdown, { target: document.body, props: { text, citations, footnotes } });
  flushSync();
  return document.body.querySelector(".markdown") as HTMLElement;
}

afterEach(() => {
  if (shown) void unmount(shown);
  shown = null;
  document.body.replaceChildren();
});

const cite = (number: number, after: number) => ({ number, after, quote: {} }) as Citation;

describe("what an answer may become", () => {
  it.each([
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>', "<svg onload=alert(1)>",
    '<iframe src="//evil.example"></iframe>', "text <b onclick=alert(1)>bold</b>", "<style>*{display:none}</style>",
    "<details open ontoggle=alert(1)>", "[x](javascript:alert(1))", "[x](data:text/html,<script>alert(1)</script>)",
    "![x](https://evil.example/pixel.png)", "![x](javascript:alert(1))", "<https://ok.example/\"onmouseover=alert(1)>",
    "[x](vbscript:msgbox(1))", "```html\n<script>alert(1)</script>\n```", "|<img src=x onerror=alert(1)>|\n|-|\n|<script>1</script>|",
  ])("never holds what loads or runs: %s", (text) => {
    const page = drawn(text);
    expect(page.querySelectorAll("script, img, iframe, svg[onload], style, object, embed, details").length).toBe(0);
    for (const element of page.querySelectorAll("*")) {
      expect([...element.attributes].filter(({ name }) => name.startsWith("on") || name === "style")).toEqual([]);
    }
    for (const link of page.querySelectorAll("a")) expect(link.protocol).toMatch(/^(https?|mailto):$/);
  });

  it("shows markup as the text it is", () => {
    expect(drawn("a <b>word</b> &amp; more").textContent.trim()).toBe("a <b>word</b> & more");
  });

  it("opens links in a tab that knows nothing of this one", () => {
    const link = drawn("[docs](https://example.com/a)").querySelector("a");
    expect(link?.rel).toContain("noopener");
    expect(link?.target).toBe("_blank");
  });

  it("sets figures behind the code point they belong to", () => {
    const page = drawn("😀 Wim is **free**. Yes.", [cite(1, 18), cite(2, 23)]);
    expect(page.textContent.trim()).toBe("😀 Wim is free.1 Yes.2");
    expect(page.querySelector("a.cite")?.getAttribute("href")).toBe("#note-1");
  });

  it("cannot be made to show a figure by the text itself", () => {
    expect(drawn("\ue0001\ue001").querySelector("a")).toBeNull();
  });
});

describe("reading while it is written", () => {
  const text = "# Head\n\nOne *two* three.\n\n- a\n- b\n\n  more\n\n```js\nlet x = 1;\n\nlet y;\n```\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said\n> so\n\nEnd.";

  it("gives in pieces what it gives at once", () => {
    const whole = new BlockReader().read(text, true);
    const growing = new BlockReader();
    for (let length = 1; length < text.length; length += 1) growing.read(text.slice(0, length), false);
    expect(growing.read(text, true).map(({ token }) => token.raw.trim())).toEqual(whole.map(({ token }) => token.raw.trim()));
  });

  it("does not read closed blocks again", () => {
    const reader = new BlockReader();
    const [first] = reader.read("One.\n\nTwo.\n\nThr", false);
    const [again] = reader.read("One.\n\nTwo.\n\nThree and more", false);
    expect(again).toBe(first);
  });

  it("starts again when the text does", () => {
    const reader = new BlockReader();
    reader.read("One.\n\nTwo.\n\nThree", false);
    expect(reader.read("Other", false).map(({ token }) => token.raw)).toEqual(["Other"]);
  });
});

describe("small parts", () => {
  it("marks stand in order even where offsets are out of range", () => {
    expect(withCiteMarks("ab", [cite(2, 99), cite(1, 1)])).toBe("a\ue0001\ue001b\ue0002\ue001");
  });

  it("reads character references", () => {
    expect(decoded("&lt;b&gt; &#8364; &#x20AC; &unknown; &#xD800;")).toBe("<b> € € &unknown; \ufffd");
  });

  it("follows only addresses that lead to pages and mail", () => {
    expect(safeAddress("https://example.com/a b")).toBe("https://example.com/a%20b");
    for (const bad of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "/conversations", "file:///etc/passwd", "java\nscript:alert(1)"]) {
      expect(safeAddress(bad)).toBeNull();
    }
  });
});
