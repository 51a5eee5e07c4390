import { expect, it } from "vitest";
import { planFor } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { createToneEngine } from "../engine/tone.ts";
import type { SessionPlan } from "../protocol/speech.ts";
import type { ContextConfiguration } from "./configuration.ts";
import { TextIntake } from "./text-intake.ts";

function open(changes: Partial<SessionPlan> = {}, configuration: ContextConfiguration = {}) {
  const clock = new ManualClock();
  const taken: string[] = [];
  const delays: number[] = [];
  const plan = planFor(createToneEngine(), changes);
  const intake = new TextIntake("", plan, configuration, clock, {
    // Empty pieces say nothing.
    take: (piece) => taken.push(...(piece ? [piece] : [])),
    onDelayOver: () => delays.push(clock.now()),
  });
  return { clock, taken, delays, intake };
}

it("text waits until the schedule is due or a flush comes", () => {
  const { intake, taken } = open({ scheduleChars: [10] });
  intake.append("Short. ");
  expect(taken).toEqual([]);
  intake.append("More. ");
  expect(taken).toEqual(["Short. "]);
  intake.flush();
  expect(taken.join("")).toBe("Short. More. ");
});

it("a schedule of the context's own goes before the plan's", () => {
  const { intake, taken } = open({ scheduleChars: [10] }, { scheduleChars: [50] });
  intake.append("Short. More. ");
  expect(taken).toEqual([]);
});

it("a flush that asks for more than is there takes nothing", () => {
  const { intake, taken } = open();
  intake.append("Short. ");
  intake.flush(50);
  expect(taken).toEqual([]);
  expect(intake.bufferedText).toBe("Short. ");
});

it("dropped text is never taken", () => {
  const { clock, intake, taken } = open({ maxBufferDelayMs: 300 });
  intake.append("Forgotten.");
  intake.drop();
  intake.flush();
  clock.advance(1000);
  expect(taken).toEqual([]);
  expect(clock.pending).toBe(0);
});

it("text waits no longer than it may, from when the first of it came", () => {
  const { clock, intake, taken, delays } = open({ maxBufferDelayMs: 300 });
  intake.append("One ");
  clock.advance(200);
  intake.append("two");
  clock.advance(99);
  expect(taken).toEqual([]);
  clock.advance(1);
  expect(taken).toEqual(["One two"]);
  expect(delays).toEqual([300]);
  expect(clock.pending).toBe(0);
});

it("white space neither waits for a time nor leaves a timer when it is dropped", () => {
  const { clock, intake, delays } = open({ maxBufferDelayMs: 300 });
  intake.append("One");
  intake.flush();
  intake.append(" ");
  expect(clock.pending).toBe(0);
  intake.append("two");
  expect(clock.pending).toBe(1);
  intake.flush();
  intake.append(" ");
  intake.drop();
  clock.advance(1000);
  expect(delays).toEqual([]);
  expect(clock.pending).toBe(0);
});

it("a part of a word waits for its rest, or 150 ms", () => {
  const { clock, intake, taken } = open({ dispatch: "message" });
  intake.append("One tw");
  expect(taken).toEqual(["One "]);
  clock.advance(149);
  intake.append("o. ");
  expect(taken).toEqual(["One ", "two. "]);
  intake.append("En");
  clock.advance(150);
  expect(taken).toEqual(["One ", "two. ", "En"]);
  expect(clock.pending).toBe(0);
});

it("a part of a word goes on waiting when a flush takes nothing", () => {
  const { clock, intake, taken } = open({ dispatch: "message" });
  intake.append("Hel");
  intake.flush(50);
  clock.advance(150);
  expect(taken).toEqual(["Hel"]);
});

it("a part of a word is spoken as it is where the rules say so", () => {
  const { rules } = planFor(createToneEngine());
  const { intake, taken } = open({
    dispatch: "message",
    rules: { ...rules, partialWords: "speak" },
  });
  intake.append("Hel");
  intake.append("lo");
  expect(taken).toEqual(["Hel", "lo"]);
});
