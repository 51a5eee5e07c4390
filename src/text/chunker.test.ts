import { describe, expect, it } from "vitest";
import { Chunker } from "./chunker.ts";

const words = (count: number): string => "word ".repeat(count);

describe("the schedule", () => {
  it("lets a piece go at its threshold, cut at the last pause", () => {
    const chunker = new Chunker([20, 30]);
    expect(chunker.append("One, two three four")).toEqual([]);
    expect(chunker.append(" ")).toEqual(["One, "]);
    expect(chunker.flush()).toBe("two three four ");
  });

  it("counts what came since the last piece, not what is buffered", () => {
    const chunker = new Chunker([20, 30]);
    chunker.append("One, two three four ");
    expect(chunker.append(`${"x".repeat(28)}.`)).toEqual([]);
    expect(chunker.append(" ")).toEqual([`two three four ${"x".repeat(28)}. `]);
  });

  it("waits for a pause up to half as much again, then cuts after a word", () => {
    const chunker = new Chunker([20]);
    expect(chunker.append("these words have no")).toEqual([]);
    expect(chunker.append(" pause at")).toEqual([]);
    expect(chunker.append(" al")).toEqual(["these words have no pause at "]);
  });

  it("cuts at the first pause after the threshold", () => {
    const chunker = new Chunker([20]);
    expect(chunker.append("these words have no pause, ")).toEqual(["these words have no pause, "]);
  });

  it("repeats its last item", () => {
    const chunker = new Chunker([10]);
    expect(chunker.append("Aaaa bbb. Aaaa bbb. Aaaa bbb. ")).toHaveLength(3);
  });

  it("never takes an abbreviation or an initial for a pause", () => {
    const chunker = new Chunker([16]);
    expect(chunker.append("I met Dr. J. Smith ")).toEqual([]);
  });

  it("cuts a giant word in the end, between whole characters", () => {
    const chunker = new Chunker([50]);
    const pieces = chunker.append("\u{1f426}".repeat(1200));
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(Buffer.from(piece).toString()).toBe(piece);
  });
});

describe("a flush", () => {
  it("takes everything, however short, and moves the schedule on", () => {
    const chunker = new Chunker([10, 40]);
    chunker.append("Hi");
    expect(chunker.flush()).toBe("Hi");
    expect(chunker.append("These are. More than ten ")).toEqual([]);
  });

  it("gives nothing when there is nothing to say", () => {
    const chunker = new Chunker([10]);
    expect(chunker.flush()).toBe("");
    chunker.append(" \n ");
    expect(chunker.flush()).toBe("");
    expect(chunker.bufferedChars).toBe(0);
  });

  it("of words leaves the one that may still grow", () => {
    const chunker = new Chunker([500]);
    chunker.hold(`${words(2)}hal`);
    expect(chunker.flushWords()).toBe(words(2));
    expect(chunker.flushWords()).toBe("");
    chunker.hold("f ");
    expect(chunker.flushWords()).toBe("half ");
  });
});

it("white space in the middle is kept, white space at the beginning is not", () => {
  const chunker = new Chunker([500]);
  for (const text of ["  ", "Hi", " ", " there."]) chunker.append(text);
  expect(chunker.flush()).toBe("Hi  there.");
});
