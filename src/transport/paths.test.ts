import { expect, it } from "vitest";
import { createCanonicalPath } from "./paths.ts";

const canonical = createCanonicalPath(
  ["/v1/voices", "/v1/voices/:voice_id", "/v2/voices", "/v1/text-to-speech/:voice_id/stream"],
  "/speech",
  ["", "/compat/observed"],
);

it.each([
  ["/v1/voices", "/v1/voices"],
  ["/v2/voices?page_size=1", "/v2/voices?page_size=1"],
  ["/voices?x=1", "/v1/voices?x=1"],
  ["/text-to-speech/a/stream", "/v1/text-to-speech/a/stream"],
  ["/speech/v1/voices", "/v1/voices"],
  ["/speech/voices", "/v1/voices"],
  ["/speechless/voices", "/speechless/voices"],
  ["/compat/observed/v1/voices", "/compat/observed/v1/voices"],
  ["/compat/observed/voices?x=1", "/compat/observed/v1/voices?x=1"],
  ["/speech/compat/observed/voices", "/compat/observed/v1/voices"],
  ["/compat/other/voices", "/compat/other/voices"],
  ["/health", "/health"],
  ["/", "/"],
  ["//v1/voices", "/v1/voices"],
  ["/text-to-speech/a/stream/?x=a//b/", "/v1/text-to-speech/a/stream?x=a//b/"],
  ["//compat/observed/text-to-speech/a/stream//", "/compat/observed/v1/text-to-speech/a/stream"],
  // A name is missing here.
  ["/v1/voices/", "/v1/voices/"],
  ["/compat/observed/voices/", "/compat/observed/v1/voices/"],
  ["//", "/"],
])("%s is answered as %s", (path, expected) => {
  expect(canonical(path)).toBe(expected);
});
