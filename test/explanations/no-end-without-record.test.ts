import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { causeIds } from "../../src/protocol/causes.ts";
import { dial } from "../hostile/exchange.ts";
import { handshake, request } from "../hostile/acts.ts";
import { maskedFrame, textFrames } from "../support/raw-frames.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";

/** Something that a client does on its connection. */
type Act =
  | { readonly type: "say"; readonly bytes: Buffer }
  | { readonly type: "wait" }
  | { readonly type: "half_close" }
  | { readonly type: "reset" };

interface Client {
  readonly path: string;
  readonly key: string | undefined;
  readonly acts: readonly Act[];
}

const speech = "/v1/text-to-speech/tone";
const paths = [
  `${speech}/stream-input`,
  `${speech}/stream-input?inactivity_timeout=1`,
  `${speech}/multi-stream-input`,
  `/compat/observed${speech}/multi-stream-input`,
  "/waves/v1/tts/live",
  "/v1/text-to-speech/nobody/stream-input",
  "/v1/nowhere",
];

const messages = fc.constantFrom<object>(
  { text: " " },
  { text: "Hello there. " },
  { text: "Hello there. ", flush: true },
  { text: "" },
  { text: "Hello. ", context_id: "a", flush: true },
  { context_id: "a", close_context: true },
  { close_socket: true },
  { voice_id: "tone", text: "Hello. ", flush: true },
  { text: 5 },
  {},
);
const closeFrame = (code: number): Buffer =>
  maskedFrame(0x8, Buffer.from([code >> 8, code & 0xff]));
const say = (bytes: Buffer): Act => ({ type: "say", bytes });

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: messages.map((message) => say(textFrames(message))) },
  { weight: 2, arbitrary: fc.constant<Act>({ type: "wait" }) },
  { weight: 1, arbitrary: fc.constantFrom<Act>({ type: "half_close" }, { type: "reset" }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1000, 1001, 1009, 1011, 3000, 4001, 1005, 9)
      .map((code) => say(closeFrame(code))),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Act>(
      say(maskedFrame(0x9, Buffer.from("ping"))),
      say(maskedFrame(0xa, Buffer.from("pong"))),
      say(maskedFrame(0x8, Buffer.alloc(0))),
      // Without a mask, with a bit that is reserved, of no kind, not UTF-8, the beginning of one.
      say(Buffer.from([0x81, 0x02, 0x7b, 0x7d])),
      say(maskedFrame(0x41, Buffer.from("{}"))),
      say(maskedFrame(0x3, Buffer.from("{}"))),
      say(maskedFrame(0x1, Buffer.from([0xff]))),
      say(Buffer.from([0x81, 0xfe, 0x10])),
    ),
  },
);

const client: fc.Arbitrary<Client> = fc.record({
  path: fc.constantFrom(...paths),
  // Wrong ones would be answered ever later.
  key: fc.constantFrom(testKey, testKey, testKey, undefined),
  acts: fc.array(act, { maxLength: 8 }),
});

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ engines: [createToneEngine({ msPerChar: 5 })] });
});
afterAll(() => server.close());

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));

/** Resolves when the client has been answered, and has done what it does. */
async function live({ path, key, acts }: Client): Promise<void> {
  const stream = await dial(server.url);
  let isAnswered = false;
  stream.on("data", () => {
    isAnswered = true;
  });
  stream.on("error", () => {});
  const credentials = key ? { "xi-api-key": key, authorization: `Bearer ${key}` } : {};
  stream.write(request(`GET ${path}`, { ...handshake, ...credentials }));
  await expect.poll(() => isAnswered).toBe(true);
  for (const act of acts) {
    if (act.type === "wait") await moment();
    else if (!stream.writable) break;
    else if (act.type === "half_close") stream.end();
    else if (act.type === "reset") stream.resetAndDestroy();
    else stream.write(act.bytes);
  }
  await moment();
  stream.destroy();
}

interface Summary {
  readonly connection_id: string;
  readonly cause: string;
  readonly ended_by: string;
  readonly transport: string;
}

async function records(): Promise<readonly Summary[]> {
  const found: Summary[] = [];
  for (let token = ""; ; ) {
    const path = `/v1/connections?page_size=1000${token === "" ? "" : `&next_page_token=${token}`}`;
    const answer = await fetch(`${server.url}${path}`, { headers: { "xi-api-key": testKey } });
    const page = (await answer.json()) as {
      readonly connections: readonly Summary[];
      readonly next_page_token: string | null;
    };
    found.push(...page.connections);
    if (page.next_page_token === null) return found;
    token = page.next_page_token;
  }
}

it("leaves one record for each connection that was made, whatever its client does", async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 6 }), async (clients) => {
      made += clients.length;
      await Promise.all(clients.map(live));
      await expect.poll(async () => (await records()).length, { timeout: 10_000 }).toBe(made);
    }),
    { numRuns: 40, endOnFailure: true },
  );
  const all = await records();
  expect(new Set(all.map(({ connection_id: id }) => id)).size).toBe(made);
  for (const { cause, ended_by: by } of all) {
    expect(causeIds).toContain(cause);
    expect(["server", "client", "network"]).toContain(by);
  }
  expect(server.server.sessions).toBe(0);
  expect(server.server.openConnections()).toEqual([]);
  // What was random was not all the same.
  expect(new Set(all.map(({ cause }) => cause)).size).toBeGreaterThan(5);
}, 120_000);
