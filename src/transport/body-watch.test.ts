import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { TimerQueue } from "../timer-queue.ts";
import { BodyWatch } from "./body-watch.ts";

class FakeRequest extends EventEmitter {
  complete = false;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket = { bytesRead: 500 };

  constructor(headers: Readonly<Record<string, string>>) {
    super();
    this.headers = headers;
  }
}

function start(headers: Readonly<Record<string, string>> = { "content-length": "1000000" }) {
  const clock = new ManualClock();
  const timers = new TimerQueue(clock);
  const request = new FakeRequest(headers);
  const slow: number[] = [];
  const watch = new BodyWatch({ bodyMs: 30_000, bodyBytesPerSecond: 4096 }, clock, timers);
  watch.watch(request, (seconds) => slow.push(seconds));
  const receive = (seconds: number, bytesPerSecond: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      request.socket.bytesRead += bytesPerSecond;
      clock.advance(1000);
    }
  };
  return { clock, timers, request, slow, receive };
}

it("gives a body of which nothing comes thirty seconds", () => {
  const { clock, slow } = start();
  clock.advance(29_999);
  expect(slow).toEqual([]);
  clock.advance(1);
  expect(slow).toEqual([30]);
  clock.advance(100_000);
  expect(slow).toEqual([30]);
});

it("gives one that drips hardly more", () => {
  const { slow, receive } = start({ "transfer-encoding": "chunked" });
  receive(40, 64);
  expect(slow).toEqual([30]);
});

it("lets a large one come at a steady pace, for as long as it needs", () => {
  const { slow, receive } = start();
  receive(1000, 4096);
  expect(slow).toEqual([]);
  // What came faster is no credit for ever.
  receive(40, 0);
  expect(slow).toEqual([1030]);
});

it("forgets a body that is there, and one whose client has gone", () => {
  const there = start();
  there.request.complete = true;
  there.clock.advance(100_000);
  expect(there.slow).toEqual([]);
  const gone = start();
  gone.request.emit("close");
  expect(gone.timers.size).toBe(0);
});

it.each<Readonly<Record<string, string>>>([
  {},
  { "content-length": "0" },
  { "content-length": "x" },
])("does not wait where there is no body: %j", (headers) => {
  expect(start(headers).timers.size).toBe(0);
});
