import { setImmediate } from "node:timers/promises";
import { hash } from "node:crypto";
import { expect, it } from "vitest";
import { ManualClock } from "../clock.ts";
import { type Key, type KeyChanges, unlimited } from "../protocol/accounts.ts";
import { KeyRing } from "./key-ring.ts";

const keyWith = (changes: Partial<Key>): Key => ({
  id: "key",
  name: "Key",
  scopes: ["tts"],
  ...unlimited,
  createdAtUnix: 0,
  revokedAtUnix: undefined,
  secrets: [
    {
      hash: hash("sha256", "secret", "hex"),
      preview: "",
      createdAtUnix: 0,
      expiresAtUnix: undefined,
    },
  ],
  ...changes,
});

it("an answer that was asked for earlier never comes after a later one", async () => {
  const asked: { readonly since: number; answer(changes: KeyChanges): void }[] = [];
  const ring = new KeyRing({
    store: {
      changesSince: (since) =>
        new Promise((answer) => {
          asked.push({ since, answer });
        }),
    },
    clock: new ManualClock(),
    wallClock: () => 0,
    fixed: [],
    onEnded: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  const first = ring.refresh();
  await setImmediate();
  const others = [ring.refresh(), ring.refresh()];
  await setImmediate();
  // The second look begins when the first has ended, and asks for no more than what is new.
  expect(asked.map(({ since }) => since)).toEqual([0]);
  asked[0]?.answer({ version: 1, keys: [keyWith({})] });
  await first;
  await setImmediate();
  // Whoever asks meanwhile shares it.
  expect(asked.map(({ since }) => since)).toEqual([0, 1]);
  asked[1]?.answer({ version: 2, keys: [keyWith({ revokedAtUnix: 0 })] });
  await Promise.all(others);
  expect(ring.find("secret")?.key.revokedAtUnix).toBe(0);
});

it("a look that fails keeps no other from looking", async () => {
  let isDown = true;
  const ring = new KeyRing({
    store: {
      changesSince: async () => {
        if (isDown) throw new Error("down");
        return { version: 1, keys: [keyWith({})] };
      },
    },
    clock: new ManualClock(),
    wallClock: () => 0,
    fixed: [],
    onEnded: () => {},
    onFault: () => {},
  });
  await expect(ring.refresh()).rejects.toThrow("down");
  isDown = false;
  await ring.refresh();
  expect(ring.get("key")).toBeDefined();
});
