import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finalFrom, framesOf, multiPath } from "../conformance/bench.ts";
import { until } from "../property/until.ts";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import { openStreamInput, spelled } from "../support/stream-input.ts";
import { createLogger } from "../../src/transport/log.ts";
import { secret } from "./rows-http.ts";
import { type MultiRow, multiRows } from "./rows-multi.ts";

let test: TestServer;
let log = "";

beforeAll(async () => {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  test = await startServer({
    engines: [createWatchedTone({ msPerChar: 5 }).engine],
    logger: createLogger("trace", output as unknown as NodeJS.WriteStream),
    flags: { closeGraceMs: "20000" },
  });
});

afterAll(() => test.close());

const open = (query: string): ReturnType<typeof openStreamInput> =>
  openStreamInput(test.wsUrl, {
    path: multiPath(),
    query: `${query}output_format=pcm_16000`,
    headers: { "xi-api-key": testKey },
  });

/** Only what the extension adds to an error frame, or to the frames around it. */
const isExtension = (frame: object): boolean => "type" in frame;

async function play({ send, query = "", error, says }: MultiRow): Promise<void> {
  const client = await open(query);
  client.socket.on("error", () => {});
  for (const message of send) {
    if (Buffer.isBuffer(message)) client.socket.send(message, { binary: true });
    else client.send(message);
  }
  if (!error) client.send({ close_socket: true });
  const closed = await client.closed;
  expect(client.binary).toEqual([]);
  const frames = client.frames.filter((frame) => !isExtension(frame));
  if (error) {
    expect(frames).toHaveLength(1);
    const { ext: _ext, ...frame } = frames[0] ?? {};
    expect(frame).toEqual(error);
    expect(closed).toEqual({ code: error.code, reason: error.message });
    return;
  }
  expect(closed).toEqual({ code: 1000, reason: "" });
  expect(frames.filter((frame) => frame.error !== undefined)).toEqual([]);
  if (!says) return;
  const finals = frames.filter(({ isFinal }) => isFinal === true);
  expect(finals.map(({ contextId }) => contextId)).toEqual(says.map(([id]) => id));
  for (const [id, text] of says) expect(spelled(framesOf(frames, id))).toBe(text);
}

describe("wrong messages for many contexts", () => {
  it.each(multiRows)("$name", play);

  it("pollute no prototype", () => {
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("that name 1,000 contexts get a final frame for each that speaks", async () => {
    const client = await open("");
    const ids = Array.from({ length: 1000 }, (_, index) => `c${index}`);
    client.send(...ids.map((id) => ({ text: "Hi ", context_id: id, close_context: true })));
    await Promise.all(ids.map((id) => finalFrom(client, id)));
    const wrong = ids.filter((id) => spelled(framesOf(client.frames, id)) !== "Hi ");
    expect(wrong).toEqual([]);
    client.socket.terminate();
  });

  it("leave a server that speaks, no session, and nothing private in the log", async () => {
    await play({
      name: "",
      send: [{ text: "Still here. ", context_id: "a" }],
      says: [["a", "Still here. "]],
    });
    await until(() => test.server.sessions === 0, "no session is left");
    expect(log).toContain("socket closed");
    expect(log).not.toContain(secret.slice(0, 12));
    expect(log).not.toContain(testKey);
    expect(log).not.toContain("Still here");
    expect(log).not.toContain("connection failed");
  });
});
