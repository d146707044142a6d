import { describe, expect, it, vi } from "vitest";
import { RequestError } from "../src/lib/api/client";
import type { EntryLite } from "../src/lib/api/types";
import { codePointsIn, indexOfCodePoint, sliceByCodePoints } from "../src/lib/conversation/codepoints";
import { count, counted, size } from "../src/lib/figures";
import { delivered } from "../src/lib/stores/delivery";
import { dayHeading, dayOf, duration, longDate, whenSaid } from "../src/lib/time";
import { queryFrom, snippetOf } from "../src/screens/memory/search.svelte";
import { likelyMe, speakersOf } from "../src/screens/memory/speakers";
import { ME } from "../src/screens/memory/who";

describe("times", () => {
  const now = new Date("2026-11-24T07:42:00Z");

  it("are those of the person's zone", () => {
    expect(dayOf("2026-11-23T23:30:00Z", "Europe/Berlin")).toBe("2026-11-24");
    expect(dayOf("2026-11-24T02:30:00Z", "America/New_York")).toBe("2026-11-23");
  });

  it("are said as one says them", () => {
    const said = (instant: string) => whenSaid(instant, "UTC", now);
    expect(said("2026-11-24T07:31:00Z")).toBe("today 07:31");
    expect(said("2026-11-23T18:20:00Z")).toBe("Mon 18:20");
    expect(said("2026-11-12T10:26:00Z")).toBe("12 Nov 10:26");
    expect(said("2025-11-12T10:26:00Z")).toBe("12 Nov 2025");
  });

  it("head a day by its name", () => {
    expect(dayHeading("2026-11-24", "2026-11-24")).toBe("Today");
    expect(dayHeading("2026-11-23", "2026-11-24")).toBe("Yesterday");
    expect(dayHeading("2026-11-20", "2026-11-24")).toBe("Friday, 20 November");
    expect(longDate("2014-03-03", "2026-11-24")).toBe("3 March 2014");
  });

  it("are short where they are lengths", () => {
    expect([0.2, 20, 240, 7200].map(duration)).toEqual(["1 s", "20 s", "4 min", "2 h"]);
  });
});

describe("figures", () => {
  it("are exact", () => {
    expect(count(1204)).toBe("1,204");
    expect(counted(1, "entry", "entries")).toBe("1 entry");
    expect(counted(214, "entry", "entries")).toBe("214 entries");
    expect([310, 42_000, 1_117_000_000, 12_300_000_000].map(size)).toEqual(["310 bytes", "42 kB", "1,117 MB", "12.3 GB"]);
  });
});

describe("offsets in code points", () => {
  const text = "a😀b😀c";

  it("are found in a text with and without pairs", () => {
    expect(codePointsIn(text)).toBe(5);
    expect(indexOfCodePoint(text, 3)).toBe(4);
    expect(indexOfCodePoint("abc", 9)).toBe(3);
    expect(sliceByCodePoints(text, 1, 3)).toBe("😀b");
  });
});

describe("found words", () => {
  const hit = (text: string, highlights: [number, number][]) => ({ entry: { text } as EntryLite, highlights });

  it("are marked in their entry", () => {
    expect(snippetOf(hit("the north gutter", [[4, 9]]))).toEqual([
      { text: "the ", isMarked: false },
      { text: "north", isMarked: true },
      { text: " gutter", isMarked: false },
    ]);
  });

  it("stand in a part of a long one", () => {
    const pieces = snippetOf(hit(`${"word ".repeat(400)}gutter ${"word ".repeat(400)}`, [[2000, 2006]]));
    expect(pieces.find(({ isMarked }) => isMarked)?.text).toBe("gutter");
    expect(pieces.map(({ text }) => text).join("").length).toBeLessThan(600);
  });

  it("come of the question that is kept with a step of the history", () => {
    const asked = (kept: Record<string, string>) => queryFrom(kept, "Europe/Berlin");
    expect(asked({ words: " gutter ", speaker: "Tomas", origin: "mail" })).toEqual({ query: "gutter", speaker: "Tomas", source: "mail" });
    expect(asked({ words: "a", from: "2026-03-29", to: "2026-03-29" })).toEqual({
      query: "a",
      from: "2026-03-28T23:00:00.000Z",
      to: "2026-03-29T22:00:00.000Z",
    });
    expect(asked({ speaker: "Tomas" })).toEqual({ query: "", speaker: "Tomas" });
    expect(asked({ words: "gutter", speaker: ME })).toEqual({ query: "gutter", label: "owner" });
    expect(asked({ words: " " })).toBeNull();
  });
});

describe("who speaks in a file of lines", () => {
  const line = (speaker: unknown) => JSON.stringify({ speaker, text: "x" });
  const heard = speakersOf([line("Ben"), line("Anna Berg"), line("Ben"), "cut {", line(7), ""].join("\n"));

  it("is counted, the commonest first, and what is no such line is passed over", () => {
    expect(heard).toEqual([{ name: "Ben", count: 2 }, { name: "Anna Berg", count: 1 }]);
  });

  it("is the owner by name, and nobody where that is not clear", () => {
    expect(likelyMe(heard, "anna berg")).toBe("Anna Berg");
    expect(likelyMe(heard, "Anna")).toBe("Anna Berg");
    expect(likelyMe(heard, "Carla")).toBe("");
    expect(likelyMe([...heard, { name: "Anna Lund", count: 1 }], "Anna")).toBe("");
  });
});

describe("sending over a bad line", () => {
  it("repeats what was not answered, and nothing that was", async () => {
    vi.useFakeTimers();
    const ask = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new RequestError(0, "unreachable", "")).mockResolvedValueOnce("kept");
    const waiting = vi.fn();
    const answer = delivered(ask, waiting, new AbortController().signal);
    await vi.runAllTimersAsync();
    expect(await answer).toBe("kept");
    expect(waiting).toHaveBeenCalledOnce();
    const refused = vi.fn().mockRejectedValue(new RequestError(422, "invalid", ""));
    await expect(delivered(refused, waiting, new AbortController().signal)).rejects.toThrow(RequestError);
    expect(refused).toHaveBeenCalledOnce();
    vi.useRealTimers();
  });
});
