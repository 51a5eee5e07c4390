import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { createLogger } from "../../src/transport/log.ts";
import { named, useServer, useToneServer } from "../conformance/bench.ts";
import { openOn, runEnd, say, token } from "../conformance/waves-bench.ts";
import { livePath, type WavesClient } from "../support/waves.ts";
import { hello } from "./sockets.ts";

const bench = useToneServer({ fallbackVoice: "tone" });

/** A conversation that is warned of one thing. */
interface Row {
  readonly what: string;
  readonly path?: string;
  readonly query?: string;
  /** In a request for speech. */
  readonly members?: object;
  readonly code: string;
  /** In the message of the warning. */
  readonly says: string;
  /** What else is told at the same time. */
  readonly besides?: string;
}

const clamped = (name: string, value: number | string): Pick<Row, "code" | "says"> => ({
  code: "value_clamped",
  says: `${name} was out of range and has been set to ${value}.`,
});

const ofSockets: readonly Row[] = [
  { what: "a parameter", query: "colour=red", code: "unknown_parameter", says: "'colour'" },
  { what: "a timeout of nothing", query: "timeout=0", ...clamped("timeout", "60 s") },
];

const ofMessages: readonly Row[] = [
  { what: "a member", members: { colour: 1 }, code: "unknown_member", says: "'colour'" },
  {
    what: "a time to wait",
    members: { max_buffer_flush_ms: 5000 },
    ...clamped("max_buffer_flush_ms", 1000),
  },
];

const ofRequests: readonly Row[] = [
  {
    what: "a language the voice does not speak",
    members: { language: "hi" },
    code: "language_unsupported",
    says: "The voice speaks en-US; the language 'hi' was asked for",
  },
  { what: "a high speed", members: { speed: 9 }, ...clamped("speed", 2) },
  { what: "a low speed", members: { speed: 0.1 }, ...clamped("speed", 0.5) },
  {
    what: "a speed of an older route",
    path: "/api/v1/lightning-v2/get_speech/stream",
    members: { speed: 5 },
    ...clamped("speed", 4),
  },
  {
    what: "a consistency",
    members: { consistency: 3 },
    ...clamped("consistency", 1),
    besides: "settings_ignored",
  },
  {
    what: "settings that the voice has nothing for",
    members: { consistency: 0.9, similarity: 0.4 },
    code: "settings_ignored",
    says: "consistency, similarity changes nothing in how the voice 'tone' sounds, which heeds speed:",
  },
  { what: "a similarity", members: { similarity: -1 }, ...clamped("similarity", 0) },
  {
    what: "a voice",
    members: { voice_id: "nobody" },
    code: "voice_fallback",
    says: "'nobody' was not found: the fallback voice 'tone' speaks instead",
  },
];

interface WarningFrame {
  readonly status: string;
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly request_id?: string;
  readonly context_id?: string;
}

const warningsOf = ({ frames }: WavesClient): WarningFrame[] =>
  (frames as unknown as WarningFrame[]).filter(({ type }) => type === "warning");

const open = ({ path = livePath, query = "" }: Partial<Row>): Promise<WavesClient> =>
  openOn(bench, { path, query: `ext=1&${query}` });

/** The warnings, without those that a row only mentions. */
const toldOf = (client: WavesClient, { besides }: Row): WarningFrame[] => {
  const told = warningsOf(client);
  const others = told.filter(({ code }) => code === besides);
  expect(others).toHaveLength(besides === undefined ? 0 : 1);
  return told.filter((warning) => !others.includes(warning));
};

const expected = ({ code, says }: Row): object => ({
  session_id: expect.any(String),
  status: "ext",
  type: "warning",
  code,
  message: expect.stringContaining(says),
});

describe("a warning on a Waves socket", () => {
  it.for(named("what", [...ofSockets, ...ofMessages]))("tells of %s", async ([, row]) => {
    const client = await open(row);
    client.send(say(hello, { ...row.members, flush: true }));
    await client.heard("complete");
    expect(toldOf(client, row)).toEqual([expected(row)]);
  });

  it.for(named("what", ofRequests))("tells of %s, once and by its request", async ([, row]) => {
    const client = await open(row);
    client.send(token("Hello ", row.members), token("there.", row.members), runEnd);
    const { request_id } = await client.heard("complete");
    expect(toldOf(client, row)).toEqual([{ ...expected(row), request_id }]);
    expect(client.audio().length).toBeGreaterThan(0);
  });

  it.for(named("what", ofRequests))("tells of %s in a context", async ([, row]) => {
    const client = await open(row);
    const of = { ...row.members, context_id: "c" };
    client.send(say("Hello ", { ...of, continue: true }), say("there.", { ...of }));
    const { request_id } = await client.heard("complete");
    expect(toldOf(client, row)).toEqual([{ ...expected(row), request_id, context_id: "c" }]);
  });

  it("tells of more dictionaries than are used, and of those there are not", async () => {
    const client = await open({});
    client.send(say(hello, { pronunciation_dicts: ["a", "b", "c", "d"], flush: true }));
    await client.heard("complete");
    const codes = warningsOf(client).map(({ code }) => code);
    expect(codes.filter((code) => code === "dictionary_not_found")).toHaveLength(3);
    expect(codes.filter((code) => code === "value_clamped")).toHaveLength(1);
  });

  it("is not sent in a conversation as it should be", async () => {
    const client = await open({ query: "timeout=120&token=any&segments=true" });
    const known = { model: "lightning_v3.1", speed: 2, consistency: 0.5, similarity: 0 };
    for (const language of ["en", "en-US", "auto"]) {
      client.send(say(hello, { ...known, language, number_pronunciation_language: "en" }));
    }
    client.send(say(hello, { math_notation: false, enhancement: 1, flush: true }));
    await client.heard("complete");
    expect(warningsOf(client)).toEqual([]);
  });

  it("is not sent without ext=1", async () => {
    const client = await openOn(bench, { query: "colour=red&timeout=0" });
    client.send(
      say(hello, { language: "hi", speed: 9, voice_id: "nobody", colour: 1, flush: true }),
    );
    await client.heard("complete");
    expect(new Set(client.frames.map(({ status }) => status))).toEqual(
      new Set(["chunk", "complete"]),
    );
  });
});

describe("what a Waves client is not told", () => {
  const output = new PassThrough({ encoding: "utf8" });
  const logger = createLogger("debug", output as unknown as NodeJS.WriteStream);
  const engines = [createToneEngine()];
  const own = useServer(() => ({ engines, logger, flags: { workers: "1" } }));
  const request = say(hello, { language: "hi", speed: 9, flush: true });

  const logged = (): unknown[] =>
    String(output.read() ?? "")
      .split("\n")
      .filter((line) => line.includes("client warned"))
      .map((line) => (JSON.parse(line) as { warning: unknown }).warning);

  it("is logged by its code on a socket", async () => {
    const client = await openOn(own);
    client.send(request);
    await client.heard("complete");
    expect(logged()).toEqual(["language_unsupported", "value_clamped"]);
  });

  it.each(["tts", "tts/live"])("is logged by its code for a POST to /%s", async (path) => {
    const response = await fetch(`${own.server.url}/waves/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expect(logged()).toEqual(["language_unsupported", "value_clamped"]);
  });
});
