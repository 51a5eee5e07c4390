import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCleaner } from "./server-words.ts";

describe("the words of a server", () => {
  it("have nothing in them that was sent as a credential", () => {
    const secret = fc.stringMatching(/^[!-~]{8,40}$/);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (key, before, after) => {
        const url = new URL("wss://h/v1/text-to-speech/x/stream-input");
        url.searchParams.set("authorization", `Bearer ${key}`);
        for (const clean of [
          createCleaner(url, undefined),
          createCleaner(new URL("ws://h"), key),
        ]) {
          for (const shape of [key, encodeURIComponent(key), `Bearer ${key}`]) {
            expect(clean(`${before}${shape}${after}`)).not.toContain(key);
          }
        }
      }),
    );
  });

  it("steer no terminal, and stay in one line", () => {
    const clean = createCleaner(new URL("ws://h"), undefined);
    expect(clean(" a\r\nb\u001b[31mc\u202ed ")).toBe("a b [31mc d");
  });
});
