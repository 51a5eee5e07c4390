import { type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWatchedTone, startServer, testKey, type TestServer } from "../support/server.ts";
import { get, handshake, json, request, said, speech, withKey } from "./acts.ts";
import { describeExchange } from "./describe-exchange.ts";
import { dial, readExchange } from "./exchange.ts";

/** Hardly any time, so that nobody waits for the usual. */
const httpLimits = { headersMs: 300, checkMs: 50, keepAliveMs: 200, bodyMs: 400 } as const;
const everyMs = 50;

let test: TestServer;
beforeAll(async () => {
  test = await startServer({ engines: [createWatchedTone().engine], httpLimits });
});
afterAll(() => test.close());

/** Writes piece by piece until the other side closes, then nothing more. */
async function drip(stream: Socket, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (stream.destroyed || stream.writableEnded) return;
    stream.write(piece, "latin1");
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const slowly = (text: string, size = 1): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, at * size + size),
  );

const asks = (headers: Readonly<Record<string, string>>, path = speech): string =>
  request(`POST ${path}`, { ...withKey, ...json, ...headers });
const form = { "content-type": "multipart/form-data; boundary=x", "content-length": "2000" };
const keptAlive = request("GET /health", { connection: "keep-alive" });
/** Six times what comes in 400 ms at the slowest pace that is let pass. */
const large = JSON.stringify({ text: said, filler: "a".repeat(12_000) });

describe("clients that take their time", () => {
  it.each<[name: string, pieces: readonly string[], answer: string]>([
    ["say nothing", [], "408 request_timeout"],
    ["begin with a line end, and say nothing", ["\r\n"], "408 request_timeout"],
    ["say one letter of a header at a time", slowly(get("/v1/voices")), "408 request_timeout"],
    [
      "never end their headers",
      ["GET / HTTP/1.1\r\n", ...Array.from({ length: 40 }, (_, at) => `x-${at}: y\r\n`)],
      "408 request_timeout",
    ],
    [
      "upgrade letter by letter",
      slowly(get(speech, { ...handshake, ...withKey })),
      "408 request_timeout",
    ],
    ["keep the body to themselves", [asks({ "content-length": "2000" })], "408 request_timeout"],
    [
      "send the body letter by letter",
      [asks({ "content-length": "2000" }), ...slowly("a".repeat(60))],
      "408 request_timeout",
    ],
    [
      "send chunks of one letter",
      [asks({ "transfer-encoding": "chunked" }), ...Array.from({ length: 60 }, () => "1\r\na\r\n")],
      "408 request_timeout",
    ],
    [
      "send a form letter by letter",
      [
        asks(form, "/v1/pronunciation-dictionaries/add-from-file"),
        ...slowly("--x\r\n".padEnd(60, "a")),
      ],
      "408 request_timeout",
    ],
    [
      "show no key, and send the body letter by letter",
      [request(`POST ${speech}`, { ...json, "content-length": "2000" }), ...slowly("a".repeat(60))],
      "401 needs_authorization",
    ],
    [
      "are slow with their second request",
      [keptAlive, ...slowly(get("/v1/voices"))],
      "200, 408 request_timeout",
    ],
    ["ask for nothing more", [keptAlive], "200"],
    [
      "send much, at a steady pace",
      [asks({ "content-length": String(large.length) }), ...slowly(large, 1000)],
      "200 audio",
    ],
  ])("and %s", async (_name, pieces, answer) => {
    const stream = await dial(test.url);
    const heard = readExchange(stream);
    await Promise.all([heard, drip(stream, pieces)]);
    expect(describeExchange(await heard)).toBe(answer);
  });

  it("hold up nobody else", async () => {
    const slow = await Promise.all(Array.from({ length: 50 }, () => dial(test.url)));
    for (const stream of slow) stream.write("GET / HTTP/1.1\r\nx: ");
    const answer = await fetch(`${test.url}/v1/voices`, { headers: { "xi-api-key": testKey } });
    expect(answer.status).toBe(200);
    const heard = await Promise.all(slow.map((stream) => readExchange(stream)));
    expect(new Set(heard.map(describeExchange))).toEqual(new Set(["408 request_timeout"]));
  });
});
