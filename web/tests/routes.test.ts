import { describe, expect, it } from "vitest";
import { nameOf } from "../src/lib/keyboard";
import { paths, routeOf } from "../src/lib/routes";
import { isAt, places } from "../src/lib/shell/screens";

describe("addresses", () => {
  it("every path that the UI makes leads to a screen", () => {
    const made = Object.values(paths).map((path) => (typeof path === "string" ? path : path("0193-ab")));
    for (const path of made) expect(routeOf(path).screen, path).not.toBe("missing");
  });

  it("tell an opened item from its list", () => {
    expect(routeOf("/conversations")).toEqual({ screen: "conversations" });
    expect(routeOf("/conversations/new")).toEqual({ screen: "conversation", id: null });
    expect(routeOf("/conversations/0193-ab/")).toEqual({ screen: "conversation", id: "0193-ab" });
    expect(routeOf("/memory/entries/7")).toEqual({ screen: "entry", id: "7" });
  });

  it("that are unknown are said to be", () => {
    for (const path of ["/nowhere", "/conversations/a/b", "/memory/../x", "/conversations/<b>"]) {
      expect(routeOf(path)).toEqual({ screen: "missing" });
    }
  });

  it("stand under one place of the navigation", () => {
    for (const path of ["/", "/conversations/1", "/memory/search", "/memory/entries/1", "/models", "/settings"]) {
      expect(places.filter((place) => isAt(place, routeOf(path)))).toHaveLength(1);
    }
  });
});

describe("names of keys", () => {
  const press = (key: string, more: KeyboardEventInit = {}) => nameOf(new KeyboardEvent("keydown", { key, ...more }));

  it("are the same on every keyboard", () => {
    expect(press("K", { ctrlKey: true })).toBe("Ctrl k");
    expect(press("k", { metaKey: true })).toBe("Ctrl k");
    expect(press("?", { shiftKey: true })).toBe("?");
    expect(press("Escape", { shiftKey: true })).toBe("Shift Escape");
  });
});
