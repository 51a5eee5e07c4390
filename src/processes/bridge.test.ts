import { expect, it } from "vitest";
import { createLine } from "../../test/support/line.ts";
import { SpeechError } from "../protocol/problems.ts";
import { connect } from "./bridge.ts";

interface Counter {
  add(by: number): Promise<number>;
  fail(error: unknown): Promise<never>;
  sum(numbers: ReadonlySet<number>): Promise<number>;
  never(): Promise<never>;
}

class MemoryCounter implements Counter {
  #count = 0;
  add(by: number): Promise<number> {
    this.#count += by;
    return Promise.resolve(this.#count);
  }
  fail(error: unknown): Promise<never> {
    const codes: Readonly<Record<string, unknown>> = {
      speech: new SpeechError("invalid_parameter", { parameter: "x", expected: "a number" }),
      range: Object.assign(new RangeError("too far"), { code: "E_FAR" }),
    };
    return Promise.reject(codes[String(error)] ?? error);
  }
  sum(numbers: ReadonlySet<number>): Promise<number> {
    return Promise.resolve([...numbers].reduce((sum, each) => sum + each, 0));
  }
  never(): Promise<never> {
    return new Promise(() => {});
  }
}

const open = () => {
  const line = createLine();
  const there = connect(line.ends[0], { counter: new MemoryCounter() }) as { here: Counter };
  const { counter } = connect(line.ends[1], { here: new MemoryCounter() }) as { counter: Counter };
  return { line, counter, here: there.here };
};

it("calls objects at the other end, in both directions and in order", async () => {
  const { counter, here } = open();
  const counts = Promise.all([1, 1, 1].map((by) => counter.add(by)));
  expect(await here.add(10)).toBe(10);
  expect(await counts).toEqual([1, 2, 3]);
});

it("carries what JSON cannot", async () => {
  expect(await open().counter.sum(new Set([1, 2]))).toBe(3);
});

it("throws what was thrown there", async () => {
  const { counter } = open();
  const speech = counter.fail("speech");
  await expect(speech).rejects.toBeInstanceOf(SpeechError);
  await expect(speech).rejects.toMatchObject({
    problem: { code: "invalid_parameter", details: { parameter: "x", expected: "a number" } },
  });
  await expect(counter.fail("range")).rejects.toMatchObject({
    name: "RangeError",
    message: "too far",
    code: "E_FAR",
  });
  await expect(counter.fail("just so")).rejects.toThrow("just so");
});

it("rejects what is no data, and goes on", async () => {
  const { counter } = open();
  await expect(counter.fail(() => {})).rejects.toMatchObject({ name: "DataCloneError" });
  expect(await counter.add(1)).toBe(1);
});

it("rejects calls whose answer can no longer come", async () => {
  const { line, counter } = open();
  const unanswered = counter.never();
  const unheard = counter.add(1);
  line.cut();
  const gone = { problem: { code: "shutting_down" } };
  await expect(unanswered).rejects.toMatchObject(gone);
  await expect(unheard).rejects.toMatchObject(gone);
  await expect(counter.add(1)).rejects.toMatchObject(gone);
});

it("is no promise, so that it can be handed through one", async () => {
  const { counter } = open();
  expect(await Promise.resolve(counter)).toBe(counter);
});
