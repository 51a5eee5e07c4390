import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KeyRules, scopes, unlimited } from "../../src/protocol/accounts.ts";
import type { Records } from "../../src/open-records.ts";
import { turns } from "../property/until.ts";
import { openMemoryRecords } from "../support/records.ts";
import { createWatchedTone, startServer, type TestServer } from "../support/server.ts";
import { get, said, speak, upgrade, withQuery } from "./acts.ts";
import { describeExchange } from "./describe-exchange.ts";
import { exchange } from "./exchange.ts";

const rules: KeyRules = {
  name: "of a race",
  scopes,
  ...unlimited,
};

let records: Records;
let test: TestServer;
beforeAll(async () => {
  records = await openMemoryRecords();
  test = await startServer({
    records,
    engines: [createWatchedTone({ msPerChar: 5 }).engine],
    flags: { trustProxy: "127.0.0.1" },
  });
});
afterAll(async () => {
  await test.close();
  await records.close();
});

let made = 0;
async function makeKey(changes: Partial<KeyRules>): Promise<{ id: string; secret: string }> {
  made += 1;
  const secret = `sk_race_${made}`;
  const hash = createHash("sha256").update(secret).digest("hex");
  const { id } = await records.stores.keys.adopt({ ...rules, ...changes }, hash);
  // The server learns of keys that others have made when it looks for them.
  const isKnown = async (): Promise<boolean> =>
    describeExchange(await exchange(test.url, get("/v1/models", { "xi-api-key": secret }))) ===
    "200";
  while (!(await isKnown())) await turns(100);
  return { id, secret };
}

/** Sends the same many times at once, each from another address; gives how often each answer came. */
async function race(make: () => Buffer, times: number): Promise<Record<string, number>> {
  const heard = await Promise.all(
    Array.from({ length: times }, () => exchange(test.url, make()).then(describeExchange)),
  );
  const counts: Record<string, number> = {};
  for (const answer of heard) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

const speaks = "101, audio, final, 1000";

describe("200 clients at once", () => {
  it.each(["sockets", "requests"])("use up a quota to the character: %s", async (kind) => {
    const characters = 10 * said.length + 3;
    const { id, secret } = await makeKey({ quota: { characters, period: "never" } });
    const credential = { "xi-api-key": secret };
    const make = (): Buffer =>
      kind === "sockets" ? upgrade(credential, [{ text: said }, { text: "" }]) : speak(credential);
    const counts = await race(make, 200);
    const good = kind === "sockets" ? speaks : "200 audio";
    expect(counts[good]).toBe(10);
    expect(Object.entries(counts).filter(([answer]) => answer !== good)).toEqual([
      [expect.stringContaining("quota_exceeded"), 190],
    ]);
    expect(await records.stores.quotas.used(id, 0)).toBe(10 * said.length);
    expect((await records.stores.usage.total(id)).characters).toBe(10 * said.length);
  });

  it("share one token: one of them speaks", async () => {
    const { id } = await makeKey({});
    const limits = {
      voices: undefined,
      models: undefined,
      maxCharacters: undefined,
      maxSeconds: undefined,
    };
    const token = await records.stores.tokens.mint(id, limits, 60);
    const messages = [{ text: said }, { text: "" }];
    const inQuery = withQuery(`single_use_token=${token}`);
    const counts = await race(() => upgrade({}, messages, inQuery), 200);
    expect(counts).toEqual({ [speaks]: 1, "101, invalid_token, 1008": 199 });
    expect((await records.stores.usage.total(id)).characters).toBe(said.length);
    const inMessage = [{ text: said, single_use_token: token }, { text: "" }];
    expect(await race(() => upgrade({}, inMessage), 1)).toEqual({ "101, invalid_token, 1008": 1 });
  });
});
