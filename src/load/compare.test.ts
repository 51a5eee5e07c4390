import { expect, it } from "vitest";
import { roundOf, turnResult } from "../../test/support/load-results.ts";
import { createScriptedServer, finalFrame, pcm8000 } from "../../test/support/scripted-server.ts";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { compareRounds, interleave, type Round, runRounds } from "./compare.ts";
import { planStreams } from "./scenario.ts";

it.each<[number, number, string]>([
  [1, 3, "0 0 0"],
  [2, 4, "0 1 1 0 0 1 1 0"],
  [3, 2, "0 1 2 2 1 0"],
])("%i servers in %i rounds take turns", (targets, rounds, order) => {
  expect(
    interleave(targets, rounds)
      .map(({ target }) => target)
      .join(" "),
  ).toBe(order);
});

const withFirstAudio = (round: number, target: number, firstAudioMs: number): Round =>
  roundOf(round, target, [turnResult({ firstAudioMs })]);

it("a comparison has the median and the ends of the rounds, and the ratio to the first server", () => {
  const rounds = [
    withFirstAudio(0, 0, 100),
    withFirstAudio(0, 1, 50),
    withFirstAudio(1, 1, 150),
    withFirstAudio(1, 0, 300),
    withFirstAudio(2, 0, 110),
    withFirstAudio(2, 1, 55),
  ];
  const figures = compareRounds(rounds, 2);
  expect(figures.find(({ row }) => row.key === "firstAudioP95Ms")?.spreads).toEqual([
    { median: 110, min: 100, max: 300 },
    { median: 55, min: 50, max: 150, ratio: 0.5 },
  ]);
});

it("a comparison says nothing of what no round has, and has no ratio to zero", () => {
  const rounds = [withFirstAudio(0, 0, 100), roundOf(0, 1, [])];
  const spreadsOf = (key: string) =>
    compareRounds(rounds, 2).find(({ row }) => row.key === key)?.spreads;
  expect(spreadsOf("firstAudioP50Ms")).toEqual([{ median: 100, min: 100, max: 100 }, undefined]);
  expect(spreadsOf("underruns")).toEqual([
    { median: 0, min: 0, max: 0 },
    { median: 0, min: 0, max: 0 },
  ]);
  expect(spreadsOf("lostChars")).toEqual([undefined, undefined]);
});

it("an interruption ends the rounds and keeps what was measured", async () => {
  const clock = new ManualClock();
  const { openSocket } = createScriptedServer(clock, () => {}, {
    refuse: { kind: "unreachable", code: "ECONNREFUSED", reason: "" },
  });
  const abort = new AbortController();
  const plan = {
    target: { url: "http://a.test", voice: "v", format: "pcm_8000" },
    socketUse: "single",
    streams: planStreams({ pace: "all-at-once", streams: 1, texts: ["Hi."], turns: 1 }),
  } as const;
  const seen: string[] = [];
  const running = runRounds([plan, plan], 5, {
    clock,
    openSocket,
    signal: abort.signal,
    onProgress: ({ turns }, round, target) => {
      if (turns === 1) seen.push(`${round}:${target}`);
      if (seen.length === 3) abort.abort();
    },
  });
  for (let step = 0; step < 10; step += 1) {
    await settle();
    clock.advance(10);
  }
  expect((await running).map(({ round, target }) => `${round}:${target}`)).toEqual(seen);
  expect(seen).toEqual(["0:0", "0:1", "1:1"]);
});

it("a run begins when all of the one before it would have been heard", async () => {
  const clock = new ManualClock();
  const { openSocket, sockets } = createScriptedServer(clock, ({ text }, socket) => {
    if (text !== "") return;
    socket.say({ audio: pcm8000(400), alignment: null });
    socket.say(finalFrame());
  });
  const openedAt: number[] = [];
  const plan = {
    target: { url: "http://a.test", voice: "v", format: "pcm_8000" },
    socketUse: "single",
    streams: planStreams({ pace: "all-at-once", streams: 1, texts: ["Hi."], turns: 1 }),
  } as const;
  let isOver = false;
  const running = runRounds([plan, plan], 1, {
    clock,
    openSocket: (...asked) => {
      openedAt.push(clock.now());
      return openSocket(...asked);
    },
  }).finally(() => {
    isOver = true;
  });
  for (let step = 0; !isOver && step < 200; step += 1) {
    await settle();
    clock.advance(5);
  }
  const [first] = await running;
  expect(sockets).toHaveLength(2);
  expect(first?.result.elapsedMs).toBeLessThan(100);
  expect(openedAt[1]).toBeGreaterThanOrEqual(first?.result.turns[0]?.playedTo ?? Infinity);
});
