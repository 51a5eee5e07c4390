import { hash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createToneEngine } from "../engine/tone.ts";
import { models } from "../catalogue.ts";
import { ManualClock } from "../clock.ts";
import {
  type Account,
  type Key,
  type QuotaStore,
  type TokenLimits,
  unlimited,
} from "../protocol/accounts.ts";
import { isProblem } from "../protocol/dialect.ts";
import type { Problem } from "../protocol/problems.ts";
import type { UsageEntry } from "../protocol/stores.ts";
import { Accounts, type CredentialFault } from "./accounts.ts";
import { KeyRing } from "./key-ring.ts";
import { LeaseTable } from "./leases.ts";
import { RequestRates } from "./request-rates.ts";

const [voice] = createToneEngine().voices;
const [model, otherModel] = models;
if (!voice || !model || !otherModel) throw new Error("the test needs a voice and two models");

const secret = "sk_secret";
const startMs = Date.UTC(2026, 10, 21, 12);
const startUnix = startMs / 1000;

const secretOf = (value: string): Key["secrets"][number] => ({
  hash: hash("sha256", value, "hex"),
  preview: "",
  createdAtUnix: 0,
  expiresAtUnix: undefined,
});

const keyWith = (changes: Partial<Key> = {}): Key => ({
  id: "key",
  name: "Key",
  scopes: ["tts"],
  ...unlimited,
  createdAtUnix: 0,
  revokedAtUnix: undefined,
  secrets: [secretOf(secret)],
  ...changes,
});

const noLimits: TokenLimits = {
  voices: undefined,
  models: undefined,
  maxCharacters: undefined,
  maxSeconds: undefined,
};

let clock: ManualClock;
let keys: KeyRing;
/** What the key store tells next. */
let changed: Key[];
let ended: string[];
let refused: [CredentialFault, string][];
let faults: unknown[];
let counted: UsageEntry[];
let used: number;
let tokens: Map<string, TokenLimits>;
let accounts: Accounts;
let take: QuotaStore["take"];

const nowMs = (): number => startMs + clock.now();

beforeEach(() => {
  clock = new ManualClock();
  changed = [];
  ended = [];
  refused = [];
  faults = [];
  counted = [];
  used = 0;
  tokens = new Map();
  const onFault = (error: unknown): void => void faults.push(error);
  let version = 0;
  keys = new KeyRing({
    store: {
      changesSince: () => {
        version += 1;
        return Promise.resolve({ version, keys: changed.splice(0) });
      },
    },
    clock,
    wallClock: nowMs,
    fixed: [],
    onEnded: (id) => ended.push(id),
    onFault,
  });
  const leases = new LeaseTable({ limit: 3, patienceMs: 0, clock }).open();
  const rates = new RequestRates(clock);
  take = ({ cost }, limit) => {
    const isTaken = used + cost <= limit;
    if (isTaken) used += cost;
    return Promise.resolve({ isTaken, used });
  };
  accounts = new Accounts({
    clock,
    wallClock: nowMs,
    keys,
    tokens: {
      mint: () => Promise.resolve("token"),
      use: (token) => {
        const limits = tokens.get(token);
        tokens.delete(token);
        return Promise.resolve(limits && { keyId: "key", limits });
      },
    },
    quotas: {
      take: (use, limit) => take(use, limit),
      giveBack: ({ cost }) => {
        used -= cost;
        return Promise.resolve();
      },
      used: () => Promise.resolve(used),
    },
    usage: {
      add: (entry) => {
        counted.push(entry);
        return Promise.resolve();
      },
      total: () => Promise.resolve({ requests: 0, characters: 0, cost: 7, audioMs: 0 }),
    },
    limits: {
      acquire: (wish) => leases.acquire(wish),
      release: (keyId) => leases.release(keyId),
      takeRequest: (keyId, perSecond) => Promise.resolve(rates.take(keyId, perSecond)),
    },
    maxConcurrency: 3,
    onRefused: (reason, keyId) => refused.push([reason, keyId]),
    onFault,
  });
});

/** Lets the server begin with these keys. */
async function startWith(...initial: Key[]): Promise<void> {
  changed.push(...initial);
  await keys.start();
}

const show = (
  value: string,
  kind: "key" | "token" = "key",
  address = "192.0.2.1",
): Promise<Account | Problem> => accounts.admit({ kind, value }, address);

async function admit(...shown: Parameters<typeof show>): Promise<Account> {
  const found = await show(...shown);
  if (isProblem(found)) throw new Error(found.code);
  return found;
}

const charactersCounted = (): number =>
  counted.reduce((sum, { characters }) => sum + characters, 0);

describe("a credential", () => {
  it.each<[CredentialFault, Partial<Key>]>([
    ["revoked", { revokedAtUnix: 1 }],
    ["expired", { expiresAtUnix: startUnix }],
    ["replaced", { secrets: [{ ...secretOf(secret), expiresAtUnix: startUnix }] }],
    ["address", { addresses: ["192.0.2.2", "10.0.0.0/8", "2001:db8::/32"] }],
  ])(
    "that is %s gets the answer of one that is unknown, and only the log knows",
    async (fault, change) => {
      await startWith(keyWith(change));
      const told = { code: "invalid_api_key", details: {} };
      const hiddenUnknown = { id: "key_unknown", details: { keyId: "" } };
      expect(await show("sk_unknown")).toEqual({ ...told, hidden: hiddenUnknown });
      const hidden = { id: `key_${fault}`, details: { keyId: "key" } };
      expect(await show(secret)).toEqual({ ...told, hidden });
      expect(refused).toEqual([
        ["unknown", ""],
        [fault, "key"],
      ]);
    },
  );

  it("is good from the addresses of its key", async () => {
    await startWith(keyWith({ addresses: ["192.0.2.2", "10.0.0.0/8", "2001:db8::/32"] }));
    for (const address of ["192.0.2.2", "10.255.0.1", "2001:db8:1::1"]) {
      expect((await admit(secret, "key", address)).keyId).toBe("key");
    }
  });

  it("is asked for, and may be used as often as its key allows", async () => {
    await startWith(keyWith({ requestsPerSecond: 2 }));
    expect(await accounts.admit(undefined, "")).toMatchObject({ code: "authentication_required" });
    await admit(secret);
    await admit(secret);
    expect(await show(secret)).toEqual({
      code: "rate_limited",
      details: { limit: 2, retryAfterSeconds: 1 },
    });
    clock.advance(500);
    await admit(secret);
  });
});

describe("a key that ends", () => {
  it("by being revoked elsewhere is told of within a second", async () => {
    await startWith(keyWith());
    changed.push(keyWith({ revokedAtUnix: startUnix }));
    clock.advance(999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual(["key"]);
    expect(await show(secret)).toMatchObject({ code: "invalid_api_key" });
    keys.close();
    expect(clock.pending).toBe(0);
  });

  it("by its time is told of within a second, once", async () => {
    await startWith(keyWith({ expiresAtUnix: startUnix + 10 }));
    for (let ms = 0; ms < 11_000; ms += 400) {
      clock.advance(400);
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.now() < 10_000) expect(ended).toEqual([]);
    }
    expect(ended).toEqual(["key"]);
  });

  it("leaves its other secrets no better", async () => {
    await startWith(keyWith({ secrets: [secretOf("new"), secretOf("old")] }));
    expect((await admit("old")).keyId).toBe("key");
    changed.push(keyWith({ secrets: [secretOf("new")] }));
    await keys.refresh();
    expect(await show("old")).toMatchObject({ code: "invalid_api_key" });
    expect((await admit("new")).keyId).toBe("key");
  });
});

describe("an account", () => {
  it("may do what its key may at the moment", async () => {
    await startWith(keyWith({ scopes: ["history"] }));
    const account = await admit(secret);
    expect(account.may("tts")).toBe(false);
    expect(account.refusalOf(voice, model)).toMatchObject({ code: "missing_permission" });
    changed.push(keyWith({ scopes: ["tts", "admin"], models: [model.id] }));
    await keys.refresh();
    expect(account.sees).toBeUndefined();
    expect(account.refusalOf(voice, model)).toBeUndefined();
    expect(account.refusalOf(voice, otherModel)).toMatchObject({ code: "model_not_allowed" });
  });

  it("knows its voices by id, slug or name, case aside", async () => {
    for (const name of [voice.id, voice.slug.toUpperCase(), voice.name]) {
      changed.push(keyWith({ voices: [name] }));
      await keys.refresh();
      expect((await admit(secret)).refusalOf(voice, model)).toBeUndefined();
    }
    changed.push(keyWith({ voices: ["another"] }));
    await keys.refresh();
    expect((await admit(secret)).refusalOf(voice, model)).toMatchObject({
      code: "voice_not_allowed",
    });
  });

  it("lets as many speak as its key allows, and says how many do", async () => {
    await startWith(keyWith({ maxConcurrency: 1 }));
    const account = await admit(secret);
    const lease = await account.acquire();
    expect(account.concurrency).toEqual({ active: 1, limit: 1 });
    await expect(account.acquire()).rejects.toMatchObject({
      problem: { code: "too_many_concurrent_requests", details: { active: 1, limit: 1 } },
    });
    lease();
    lease();
    expect(account.concurrency.active).toBe(0);
    (await account.acquire())();
  });
});

describe("a charge", () => {
  const use = { voice, model, characters: 6, cost: 3 };

  it("without a quota is counted at once, and taken back once", async () => {
    await startWith(keyWith());
    const account = await admit(secret);
    const charge = account.charge(use);
    expect(charge.refusal).toBeUndefined();
    expect(counted).toMatchObject([{ keyId: "key", characters: 6, cost: 3, requests: 0 }]);
    charge.refund();
    charge.refund();
    expect(charactersCounted()).toBe(0);
    expect(await account.allowance()).toMatchObject({ used: 7, limit: undefined });
  });

  it("is refused by a quota that has no room for all of it, and then not counted", async () => {
    await startWith(keyWith({ quota: { characters: 5, period: "day" } }));
    const account = await admit(secret);
    expect(await account.charge(use).refusal).toBeUndefined();
    const charge = account.charge(use);
    expect(await charge.refusal).toEqual({
      code: "quota_exceeded",
      details: { limit: 5, remaining: 2, required: 3, reset: "2026-11-22T00:00:00.000Z" },
    });
    charge.refund();
    await charge.refusal;
    expect(used).toBe(3);
    expect(charactersCounted()).toBe(6);
    expect(await account.allowance()).toEqual({
      used: 3,
      limit: 5,
      resetsAtUnix: Date.UTC(2026, 10, 22) / 1000,
    });
  });

  it("that is taken back before the quota was asked is taken back all the same", async () => {
    await startWith(keyWith({ quota: { characters: 5, period: "never" } }));
    const charge = (await admit(secret)).charge(use);
    charge.refund();
    await charge.refusal;
    await new Promise((resolve) => setImmediate(resolve));
    expect(used).toBe(0);
    expect(charactersCounted()).toBe(0);
  });

  it("that nobody can check is refused for the moment, and the cause is told the log", async () => {
    await startWith(keyWith({ quota: { characters: 5, period: "never" } }));
    take = () => Promise.reject(new Error("no connection"));
    const charge = (await admit(secret)).charge(use);
    expect(await charge.refusal).toEqual({ code: "records_unavailable", details: {} });
    charge.refund();
    expect(faults).toMatchObject([{ message: "no connection" }]);
    expect(counted).toEqual([]);
  });
});

describe("a token", () => {
  const use = { voice, model, characters: 6, cost: 6 };

  it("lets in once, to speak only, for whom its key lets in", async () => {
    await startWith(keyWith({ scopes: ["tts", "admin", "history"] }));
    tokens.set("token", noLimits);
    const account = await admit("token", "token");
    expect(account.keyId).toBe("key");
    expect(account.sees).toBe("key");
    expect(account.may("tts")).toBe(true);
    expect(account.may("admin")).toBe(false);
    expect(await show("token", "token")).toEqual({ code: "invalid_token", details: {} });
  });

  it("of a key that has ended is not good", async () => {
    await startWith(keyWith({ revokedAtUnix: 1 }));
    tokens.set("token", noLimits);
    expect(await show("token", "token")).toMatchObject({ code: "invalid_token" });
  });

  it("is good for its voices, models, characters and time", async () => {
    await startWith(keyWith());
    tokens.set("token", {
      voices: ["another"],
      models: [model.id],
      maxCharacters: 10,
      maxSeconds: 30,
    });
    clock.advance(1000);
    const account = await admit("token", "token");
    expect(account.refusalOf(voice, model)).toMatchObject({ code: "voice_not_allowed" });
    expect(account.endsAt).toBe(31_000);
    const first = account.charge(use);
    expect(first.refusal).toBeUndefined();
    expect(await account.charge(use).refusal).toEqual({
      code: "token_used_up",
      details: { limit: 10 },
    });
    first.refund();
    expect(account.charge(use).refusal).toBeUndefined();
  });
});
