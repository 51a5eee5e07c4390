import { expect, it } from "vitest";
import { eagerly } from "./eagerly.ts";

async function* count(to: number, seen: number[], failure?: Error): AsyncGenerator<{ n: number }> {
  for (let n = 1; n <= to; n += 1) {
    seen.push(n);
    yield { n };
    await Promise.resolve();
  }
  if (failure) throw failure;
}

async function collect(source: AsyncIterable<{ n: number }>): Promise<number[]> {
  const all: number[] = [];
  for await (const { n } of source) all.push(n);
  return all;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("reads all there is before anybody listens", async () => {
  const seen: number[] = [];
  const source = eagerly(count(3, seen));
  await turn();
  expect(seen).toEqual([1, 2, 3]);
  expect(await collect(source)).toEqual([1, 2, 3]);
});

it("gives on what comes while somebody listens", async () => {
  expect(await collect(eagerly(count(5, [])))).toEqual([1, 2, 3, 4, 5]);
});

it("tells a failure behind what came before it", async () => {
  const failure = new Error("no more");
  const source = eagerly(count(2, [], failure));
  await turn();
  const heard: number[] = [];
  const listening = (async () => {
    for await (const { n } of source) heard.push(n);
  })();
  await expect(listening).rejects.toBe(failure);
  expect(heard).toEqual([1, 2]);
});

it("raises nothing when nobody ever listens", async () => {
  eagerly(count(1, [], new Error("unheard")));
  await turn();
});
