import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shareStream } from "./stream";

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;

  constructor(readonly address: string) {
    super();
    FakeSource.made.push(this);
  }

  close() {
    this.closed = true;
  }
}

const told: string[] = [];
const ears = {
  heard: (kind: string, data: string) => told.push(`${kind} ${data}`),
  opened: (resumed: boolean) => told.push(resumed ? "resumed" : "opened"),
  broke: () => told.push("broke"),
  refused: () => told.push("refused"),
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.made = [];
  told.length = 0;
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("BroadcastChannel", undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const newest = () => FakeSource.made.at(-1)!;

test("a line that the browser takes up again has missed nothing", () => {
  const close = shareStream("/events", ["messages"], ears);
  newest().onopen?.();
  newest().dispatchEvent(new MessageEvent("messages", { data: "1" }));
  newest().readyState = 0;
  newest().onerror?.();
  newest().onopen?.();
  expect(told).toEqual(["opened", "messages 1", "broke", "resumed"]);
  expect(FakeSource.made).toHaveLength(1);
  close();
  expect(newest().closed).toBe(true);
});

test("a line that was refused is opened anew, ever more seldom, and may have missed anything", () => {
  const close = shareStream("/events", [], ears);
  newest().onopen?.();
  for (const wait of [1_000, 2_000, 4_000]) {
    newest().readyState = FakeSource.CLOSED;
    newest().onerror?.();
    const before = FakeSource.made.length;
    vi.advanceTimersByTime(wait - 1);
    expect(FakeSource.made).toHaveLength(before);
    vi.advanceTimersByTime(1);
    expect(FakeSource.made).toHaveLength(before + 1);
  }
  newest().onopen?.();
  expect(told.filter((one) => one === "refused")).toHaveLength(3);
  expect(told.at(-1)).toBe("opened");
  close();
});

test("nobody listens any more once it is closed", () => {
  const close = shareStream("/events", [], ears);
  newest().readyState = FakeSource.CLOSED;
  newest().onerror?.();
  close();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.made).toHaveLength(1);
});
