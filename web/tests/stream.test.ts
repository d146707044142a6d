import { describe, expect, it } from "vitest";
import { eventFromFrame } from "../src/lib/events/feed";
import { FrameReader } from "../src/lib/events/sse";

const stream = ": beat\n\nid: 7\nevent: run.delta\ndata: {\"text\":\"é\"}\n\nevent: beat\ndata: {}\n\n";

describe("server-sent events", () => {
  it("are whole however the text was cut", () => {
    for (let at = 0; at <= stream.length; at += 1) {
      const reader = new FrameReader();
      const frames = [...reader.read(stream.slice(0, at)), ...reader.read(stream.slice(at))];
      expect(frames).toEqual([
        { id: "7", event: "run.delta", data: '{"text":"é"}' },
        { id: null, event: "beat", data: "{}" },
      ]);
    }
  });

  it("understand CRLF and data of several lines", () => {
    expect(new FrameReader().read("event: x\r\ndata: a\r\ndata: b\r\n\r\n")).toEqual([{ id: null, event: "x", data: "a\nb" }]);
  });

  it("keep what belongs to the event apart from what it tells", () => {
    const event = eventFromFrame("run.queued", 41, { place: 3, wait_s: 20, position: 41, run_id: "r1", created_at: "now" });
    expect(event).toEqual({ type: "run.queued", position: 41, run_id: "r1", created_at: "now", payload: { place: 3, wait_s: 20 } });
  });
});
