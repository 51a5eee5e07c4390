import { expect, it } from "vitest";
import { codeOf, explainWrite, VoiceError } from "./voice-error.ts";

it.each<[string, RegExp]>([
  ["ENOSPC", /no room left in data\/voices.*--data-dir/],
  ["EDQUOT", /no room left/],
  ["EACCES", /may not write to data\/voices/],
  ["EROFS", /may not write/],
  ["ENOTDIR", /cannot be made into a folder/],
])("says of %s what it means", (code, message) => {
  const failure = Object.assign(new Error("write failed"), { code });
  const wrapped = new TypeError("terminated", { cause: failure });
  expect(explainWrite(wrapped, "data/voices")).toBeInstanceOf(VoiceError);
  expect(explainWrite(failure, "data/voices")?.message).toMatch(message);
});

it("leaves other failures alone", () => {
  expect(explainWrite(new Error("other"), "data")).toBeUndefined();
  expect(explainWrite("text", "data")).toBeUndefined();
  expect(codeOf(new Error("other"))).toBeUndefined();
});
