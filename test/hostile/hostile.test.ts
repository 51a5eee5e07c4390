import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KeyRules, unlimited } from "../../src/protocol/accounts.ts";
import { scopes } from "../../src/protocol/accounts.ts";
import type { Records } from "../../src/open-records.ts";
import { until } from "../property/until.ts";
import { openMemoryRecords } from "../support/records.ts";
import {
  createWatchedTone,
  startServer,
  testKey,
  type TestServer,
  type TestServerOptions,
} from "../support/server.ts";
import { deadKeys, type HostileRow, said, speak, speakingKey, withKey } from "./acts.ts";
import { describeExchange } from "./describe-exchange.ts";
import { exchange, type Exchange } from "./exchange.ts";
import { credentialRows } from "./rows-credentials.ts";
import { exposedFlags, exposureRows } from "./rows-exposure.ts";
import { fieldRows } from "./rows-fields.ts";
import { httpRows } from "./rows-http.ts";
import { socketRows } from "./rows-sockets.ts";

const allRules: KeyRules = {
  name: "of a test",
  scopes,
  ...unlimited,
};

const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** Keys that are good, and keys that are not any more. */
async function makeKeys({ stores: { keys } }: Records): Promise<void> {
  const adopt = (secret: string, rules: Partial<KeyRules>) =>
    keys.adopt({ ...allRules, ...rules }, hashOf(secret));
  await adopt(speakingKey, { scopes: ["tts"] });
  await adopt(deadKeys.expired, { expiresAtUnix: 1 });
  await adopt(deadKeys.elsewhere, { addresses: ["192.0.2.0/24"] });
  await keys.revoke((await adopt(deadKeys.revoked, {})).id);
  await keys.rotate((await adopt(deadKeys.replaced, {})).id, 0);
}

/** Of a hostile client nothing is told but what is wrong, and browsers are told to make nothing of it. */
function expectDiscreet({ answers, text }: Exchange): void {
  expect(text).not.toMatch(/\bat .+:\d+:\d+|Error:|file:\/\/|node:|node_modules|\/src\/|\/dist\//);
  expect(text).not.toMatch(/ZodError|SQLITE|SqliteError|syntax error|sk_[a-z]+_[0-9a-f]{8}/);
  expect(text).not.toMatch(/^set-cookie/im);
  expect(text).not.toContain(testKey);
  for (const { status, headers } of answers) {
    expect(headers["x-trace-id"]).toMatch(/^[0-9a-f]{32}$/);
    if (status === 101) continue;
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("strict-transport-security");
  }
}

/** Registers a server, a test for each row, and what must be true when all are over. */
function describeRows(
  what: string,
  rows: readonly HostileRow[],
  flags: NonNullable<TestServerOptions["flags"]> = {},
  greeting: Readonly<Record<string, string>> = {},
): void {
  describe(`hostile requests: ${what}`, () => {
    let records: Records;
    let test: TestServer;
    let keysBefore: unknown;
    beforeAll(async () => {
      records = await openMemoryRecords();
      await makeKeys(records);
      test = await startServer({
        records,
        engines: [createWatchedTone({ msPerChar: 5 }).engine],
        // Each request says that it is from another address: many bad keys of one are answered ever later.
        flags: { trustProxy: "127.0.0.1", ...flags },
      });
      keysBefore = await records.stores.keys.list();
    });
    afterAll(async () => {
      await test.close();
      await records.close();
    });

    it.each(rows)("$name: $answer", async ({ send, answer }) => {
      const heard = await exchange(test.url, send);
      expect(describeExchange(heard)).toBe(answer);
      expectDiscreet(heard);
    });

    it("changed nothing, let nobody in and took nothing away", async () => {
      await until(() => test.server.sessions === 0, "no session is left");
      expect(await records.stores.keys.list()).toEqual(keysBefore);
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
      const spoken = rows.reduce((sum, row) => sum + (row.spoken ?? 0), 0);
      expect((await records.stores.usage.total(undefined)).characters).toBe(spoken);
      const heard = await exchange(test.url, speak({ ...withKey, ...greeting }));
      expect(describeExchange(heard)).toBe("200 audio");
      expect((await records.stores.usage.total(undefined)).characters).toBe(spoken + said.length);
    });
  });
}

describeRows("credentials that contradict one another", credentialRows);
describeRows("HTTP that is none", httpRows);
describeRows("paths and texts that would be something else", fieldRows);
describeRows("sockets that keep to nothing", socketRows);
describeRows("lies about names and addresses", exposureRows, exposedFlags, {
  host: "speech.example.com",
});

it("are more than three hundred, each with a name of its own", () => {
  const rows = [credentialRows, httpRows, fieldRows, socketRows, exposureRows].flat();
  expect(rows.length).toBeGreaterThan(300);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});
