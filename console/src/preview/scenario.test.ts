/** A preview that is saved as a scenario says what was done and what came of it, and opens as it was. */

import { describe, expect, it } from "vitest";
import { played, scenarioOf, unwritable } from "./scenario";
import type { Act, Setting, Step } from "./script";
import { offset, typed } from "./times";

const SETTING: Setting = {
  of: "sandbox",
  at: "2026-11-23T10:00",
  timezone: "Europe/Prague",
  begin: "connectors/plants",
  name: "Jana",
  username: "",
  contact: {},
  tickets: "created",
  replies: [],
  requests: "ask",
  stored: null,
};

function step(number: number, effects: Partial<Step["effects"]>, more: Partial<Step> = {}): Step {
  return {
    number,
    did: "",
    began: "2026-11-23T09:00:00Z",
    at: "2026-11-23T09:00:00Z",
    effects: { shown: [], requests: [], tickets: [], bots: [], saved: {}, ...effects },
    visited: [],
    rests: null,
    pending: null,
    position: null,
    problems: [],
    ...more,
  };
}

function said(text: string, more: Partial<Step["effects"]["shown"][number]["message"]> = {}) {
  return {
    at: "2026-11-23T09:00:00Z",
    message: {
      type: "send" as const,
      key: "k",
      text,
      quick_replies: [],
      buttons: [],
      images: [],
      author: "graph" as const,
      path: "",
      listed: false,
      sent: false,
      ...more,
    },
  };
}

describe("scenarioOf", () => {
  it("writes steps that act, with what came of each behind it", () => {
    const acts: Act[] = [
      { type: "user", text: "hi" },
      { type: "tap", title: "My order" },
    ];
    const steps = [
      step(1, { shown: [said("What is it?", { quick_replies: [{ title: "My order", payload: "1" }] })] }),
      step(2, { shown: [said("~ soon")], saved: { last: "7" } }, { rests: rests("decision_trees/a") }),
    ];
    expect(scenarioOf("An order", SETTING, acts, steps)).toEqual({
      title: "An order",
      connector: "plants",
      at: "2026-11-23T10:00:00+01:00",
      customer: { name: "Jana" },
      steps: [
        { user: "hi" },
        { bot: "What is it?" },
        { buttons: ["My order"] },
        { tap: "My order" },
        { bot: "~~ soon" },
        { contact: { last: "7" } },
        { place: "decision_trees/a" },
      ],
    });
  });

  it("keeps answers that were given by hand, each once and in order", () => {
    const asked = { path: "p", at: "2026-11-23T09:00:00Z", method: "GET", url: "https://x.example.com" };
    const answer = { type: "request_answered" as const, ok: true, status: 200, body: { free: 3 } };
    const acts: Act[] = [
      { type: "user", text: "hi" },
      { type: "request", status: 200, body: { free: 3 } },
    ];
    const steps = [
      step(1, { requests: [{ at: asked.at, asked }] }),
      step(2, { requests: [{ at: asked.at, asked, answer }], shown: [said("3 are free")] }),
    ];
    const found = scenarioOf("Stock", SETTING, acts, steps);
    expect(found.requests).toEqual([{ url: asked.url, method: "GET", status: 200, body: { free: 3 } }]);
    expect(found.steps).toEqual([{ user: "hi" }, { bot: "3 are free" }]);
  });

  it("expects nothing of what agents write themselves", () => {
    const acts: Act[] = [{ type: "agent", text: "Hello" }];
    const steps = [step(1, { shown: [said("Hello", { author: "agent" })] })];
    expect(scenarioOf("Desk", SETTING, acts, steps).steps).toEqual([{ agent: "Hello" }]);
  });
});

describe("played", () => {
  it("opens a scenario with its steps that act, and leaves out those that expect", () => {
    const document = {
      title: "An order",
      connector: "plants",
      at: "2026-11-23T09:00:30Z",
      steps: [{ user: "hi" }, { bot: "What is it?" }, { wait: 60 }, { reply: { text: "a", queue: "q" } }],
    };
    const { setting, acts } = played(document, "Europe/Prague");
    expect(setting.at).toBe("2026-11-23T10:00:30");
    expect(acts.map((one) => one.type)).toEqual(["user", "wait", "reply"]);
    expect(acts[2]).toMatchObject({ transfer: "q" });
  });
});

describe("unwritable", () => {
  it("says why a place cannot begin a scenario", () => {
    expect(unwritable(SETTING)).toBeNull();
    expect(unwritable({ ...SETTING, begin: "queues/a" })).toContain("connector");
  });
});

describe("times", () => {
  it("knows the offset of its zone on both sides of a change of clocks", () => {
    expect(offset("2026-10-25T00:30:00Z", "Europe/Prague")).toBe("2026-10-25T02:30:00+02:00");
    expect(offset("2026-10-25T01:30:00Z", "Europe/Prague")).toBe("2026-10-25T02:30:00+01:00");
    expect(offset("2026-10-25T01:30:00Z", "UTC")).toBe("2026-10-25T01:30:00+00:00");
    expect(typed("2026-07-01T10:00:00Z", "Asia/Kathmandu")).toBe("2026-07-01T15:45");
  });
});

function rests(place: string): NonNullable<Step["rests"]> {
  return { waits_for: "answer", place, words: "", choices: [] };
}
