import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { startServer, testKey, type TestServer } from "../support/server.ts";
import {
  type Closed,
  type Frame,
  openStreamInput,
  spelled,
  type StreamInput,
} from "../support/stream-input.ts";
import { type Conversation, conversation } from "./client-messages.ts";
import { until } from "./until.ts";

/** More rounds of the same; 1 unless set. */
const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const messagesPerSocket = 40;
const socketsAtOnce = 20;
const totalMessages = 100_000 * scale;

const headers = { "xi-api-key": testKey };
const audioKeys = ["alignment", "audio", "isFinal", "normalizedAlignment"];
const errorKeys = ["code", "error", "message"];

let test: TestServer;
/** Utterances that are being made right now. */
let making = 0;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on("unhandledRejection", onUnhandled);
  const engine = createToneEngine({
    msPerChar: 2,
    async hold() {
      making += 1;
      // Messages arrive, and clients go, while this is made.
      await new Promise((resolve) => setImmediate(resolve));
      making -= 1;
    },
  });
  test = await startServer({ engines: [engine] });
});

afterAll(async () => {
  process.off("unhandledRejection", onUnhandled);
  await test.close();
});

/** Says everything, then ends what the server has not ended, and hears it out. */
async function converse({ query, messages }: Conversation): Promise<[StreamInput, Closed]> {
  const client = await openStreamInput(test.wsUrl, { query, headers });
  client.socket.on("error", () => {});
  for (const { data } of messages) {
    client.socket.send(data, { binary: Buffer.isBuffer(data) });
  }
  client.send('{"text":""}');
  return [client, await client.closed];
}

function expectOrderly(client: StreamInput, closed: Closed): void {
  expect(client.binary).toEqual([]);
  expect([1000, 1007, 1008, 1009]).toContain(closed.code);
  const last = client.frames.at(-1);
  const before = client.frames.slice(0, -1);
  expect(before.every(isAudioFrame)).toBe(true);
  if (closed.code === 1000) {
    expect(last).toEqual({
      audio: null,
      isFinal: true,
      normalizedAlignment: null,
      alignment: null,
    });
    expect(closed.reason).toBe("");
  }
  if (closed.code === 1008 || closed.code === 1009) {
    expect(Object.keys(last ?? {}).toSorted()).toEqual(errorKeys);
    expect(last?.code).toBe(closed.code);
    expect(last?.message?.startsWith(closed.reason)).toBe(true);
    expect(client.raw.at(-1)).not.toMatch(/\bat .+:\d+|file:\/\/|node_modules|\.[jt]s\b|Error:/);
    expect(client.raw.at(-1)).not.toContain(process.cwd());
  }
}

function isAudioFrame(frame: Frame): boolean {
  const { audio, isFinal, alignment } = frame;
  return (
    Object.keys(frame).toSorted().join() === audioKeys.join() &&
    typeof audio === "string" &&
    audio !== "" &&
    isFinal === null &&
    (alignment === null || alignment?.chars.length === alignment?.charStartTimesMs.length)
  );
}

/** The close code where the messages decide it. */
function expectedCode({ messages }: Conversation): number | undefined {
  const decisive = messages.find(({ fate }) => fate !== "taken")?.fate ?? "ends";
  if (decisive === "any") return undefined;
  return decisive === "ends" ? 1000 : 1008;
}

describe(`${totalMessages} messages over real sockets`, () => {
  let sent = 0;
  const codes = new Map<number, number>();

  it(
    "end every socket as the protocol has it",
    async () => {
      const batch = fc.array(conversation(messagesPerSocket), {
        minLength: socketsAtOnce,
        maxLength: socketsAtOnce,
      });
      const numRuns = Math.ceil(totalMessages / (messagesPerSocket * socketsAtOnce));
      await fc.assert(
        fc.asyncProperty(batch, async (conversations) => {
          const ends = await Promise.all(conversations.map(converse));
          for (const [index, [client, closed]] of ends.entries()) {
            const said = conversations[index];
            if (!said) continue;
            sent += said.messages.length;
            codes.set(closed.code, (codes.get(closed.code) ?? 0) + 1);
            expectOrderly(client, closed);
            const code = expectedCode(said);
            if (code !== undefined) expect(closed.code).toBe(code);
          }
        }),
        { numRuns, endOnFailure: true },
      );
      expect(sent).toBeGreaterThanOrEqual(totalMessages);
      // Neither the good nor the bad end was hit by too few to mean something.
      expect(codes.get(1000) ?? 0).toBeGreaterThan(numRuns);
      expect(codes.get(1008) ?? 0).toBeGreaterThan(numRuns);
    },
    600_000 * scale,
  );

  it("end with 1007 where a text frame is no UTF-8", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20 }), async (bytes) => {
        const client = await openStreamInput(test.wsUrl, { headers });
        client.socket.on("error", () => {});
        const data = Buffer.concat([
          Buffer.from('{"text":"'),
          bytes,
          Buffer.from([0xff, 0x22, 0x7d]),
        ]);
        client.socket.send(data, { binary: false });
        expect((await client.closed).code).toBe(1007);
        expect(client.frames).toEqual([]);
      }),
      { numRuns: 50 * scale },
    );
  });

  it("leave no session and no work", async () => {
    await until(() => test.server.sessions === 0, "no session is left");
    await until(() => making === 0, "nothing is being made");
    expect(unhandled).toEqual([]);
  });

  it("leave a server that speaks", async () => {
    const client = await openStreamInput(test.wsUrl, { query: "output_format=pcm_16000", headers });
    client.send({ text: " " }, { text: "All is well. " }, { text: "" });
    expect(await client.closed).toEqual({ code: 1000, reason: "" });
    expect(spelled(client.frames)).toBe("All is well. ");
    expect(client.audio().length).toBeGreaterThan(0);
  });
});
