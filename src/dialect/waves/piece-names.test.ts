import { expect, it } from "vitest";
import { PieceNames } from "./piece-names.ts";

const named = (request_id: string) => ({ session_id: "s", request_id });

it("a piece has the names of the message that it begins in", () => {
  const pieces = new PieceNames(named("opening"));
  expect(pieces.current.request_id).toBe("opening");
  pieces.add("One. Two. ", named("a"));
  pieces.add("Three.", named("b"));
  const heard = [0, 5, 10].map((offset) => {
    pieces.beginAt(offset);
    return pieces.current.request_id;
  });
  expect(heard).toEqual(["a", "a", "b"]);
});

it("white space that is left of a message names nothing", () => {
  const pieces = new PieceNames(named("a"));
  pieces.add("One.  ", named("a"));
  pieces.add("Two.", named("b"));
  pieces.beginAt(5);
  expect(pieces.current.request_id).toBe("b");
});

it("characters are counted as the session counts them", () => {
  const pieces = new PieceNames(named("a"));
  pieces.add("\u{1f600}\u{1f600} ", named("a"));
  pieces.add("Two.", named("b"));
  pieces.beginAt(1);
  expect(pieces.current.request_id).toBe("a");
  pieces.beginAt(3);
  expect(pieces.current.request_id).toBe("b");
});

it("the names stay until there is more text, and are those of no other message", () => {
  const pieces = new PieceNames(named("a"));
  pieces.add("One.", named("a"));
  pieces.beginAt(4);
  expect(pieces.current.request_id).toBe("a");
  pieces.add("Two.", { session_id: undefined, request_id: undefined });
  expect(pieces.current).toEqual({ session_id: undefined, request_id: undefined });
});
