import { describe, expect, it } from "vitest";
import { PieceStream } from "./piece-stream.ts";

async function read(stream: PieceStream<string>, into: string[]): Promise<string[]> {
  for await (const piece of stream) into.push(piece);
  return into;
}

describe("a stream of pieces", () => {
  it("gives what was there before and what comes, until it ends", async () => {
    const stream = new PieceStream<string>();
    stream.push("a");
    const reading = read(stream, []);
    stream.push("b");
    await Promise.resolve();
    stream.push("c");
    stream.end();
    stream.push("late");
    expect(await reading).toEqual(["a", "b", "c"]);
  });

  it("that fails gives what there is before the reason", async () => {
    const stream = new PieceStream<string>();
    const got: string[] = [];
    stream.push("a");
    stream.fail(new Error("no more"));
    stream.end();
    await expect(read(stream, got)).rejects.toThrow("no more");
    expect(got).toEqual(["a"]);
  });

  it("that is aborted gives the reason alone", async () => {
    const stream = new PieceStream<string>();
    const got: string[] = [];
    stream.push("a");
    stream.abort(new Error("enough"));
    await expect(read(stream, got)).rejects.toThrow("enough");
    expect(got).toEqual([]);
  });
});
