import { expect, it } from "vitest";
import { SampleQueue } from "./sample-queue.ts";

const counting = Int16Array.from({ length: 30_000 }, (_, index) => index);

it.each([1, 799, 12_000, 30_000])("gives what came in portions of %d in others", (step) => {
  const queue = new SampleQueue();
  const taken: number[] = [];
  let unread = 0;
  for (let at = 0; at < counting.length; at += step) {
    const portion = counting.subarray(at, at + step);
    queue.push(portion);
    unread += portion.length;
    if (unread >= 1000) {
      taken.push(...queue.take(1000));
      unread -= 1000;
    }
  }
  taken.push(...queue.take(unread));
  expect(Int16Array.from(taken)).toEqual(counting);
});

it("fills with zeros what has not come", () => {
  const queue = new SampleQueue();
  queue.push(Int16Array.of(1, 2));
  expect([...queue.take(4)]).toEqual([1, 2, 0, 0]);
});
