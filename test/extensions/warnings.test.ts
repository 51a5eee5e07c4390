import { describe, expect, it } from "vitest";
import type { WarningCode } from "../../src/protocol/warnings.ts";
import { named, sounding, toneBytes, useToneServer } from "../conformance/bench.ts";
import type { ExtendedFrame, StreamInput } from "../support/stream-input.ts";
import {
  again,
  hello,
  isFinalFrame,
  openExtended,
  pathOf,
  pcm,
  type SocketName,
  sockets,
  typed,
  warningsOf,
} from "./sockets.ts";

const bench = useToneServer({ fallbackVoice: "tone" });
const { clock, tone } = bench;

/** A conversation that is warned of one thing. */
interface Row {
  readonly what: string;
  readonly query?: string;
  readonly voice?: string;
  /** Messages of one context, without its name. */
  readonly send?: readonly object[];
  readonly waitMs?: number;
  /** In the message of the warning. */
  readonly says: string;
  /** What else is told at the same time. */
  readonly besides?: WarningCode;
  /** About the socket, so that no context is named. */
  readonly isOfSocket?: boolean;
  readonly on?: SocketName;
}

const rows: Readonly<Record<WarningCode, readonly Row[]>> = {
  unknown_parameter: [
    { what: "a parameter", query: "colour=red", says: "'colour'", isOfSocket: true },
  ],
  unknown_member: [{ what: "a member", send: [{ text: hello, colour: 1 }], says: "'colour'" }],
  value_clamped: [
    {
      what: "a long timeout",
      query: "inactivity_timeout=300",
      says: "inactivity_timeout was out of range and has been set to 180 s",
      isOfSocket: true,
    },
    {
      what: "a long delay",
      query: "max_buffer_delay_ms=60000",
      says: "max_buffer_delay_ms was out of range and has been set to 5000",
      isOfSocket: true,
    },
    {
      what: "a speed",
      send: [{ text: hello, voice_settings: { speed: 9 } }],
      says: "voice_settings.speed was out of range and has been set to 1.2",
    },
    {
      what: "a stability",
      send: [{ text: hello, voice_settings: { stability: 3 } }],
      says: "voice_settings.stability was out of range and has been set to 1",
      besides: "settings_ignored",
    },
    {
      what: "a schedule",
      send: [{ text: hello, generation_config: { chunk_length_schedule: [1, 60] } }],
      says: "chunk_length_schedule was out of range and has been set to 50,60",
    },
  ],
  settings_ignored: [
    {
      what: "settings that the voice has nothing for",
      send: [{ text: hello, voice_settings: { stability: 0.9, style: 0, similarity_boost: 0.1 } }],
      says: "stability, similarity_boost changes nothing in how the voice 'tone' sounds, which heeds speed:",
    },
    {
      what: "a boost that is switched off",
      send: [{ text: hello, voice_settings: { use_speaker_boost: false, speed: 1.1 } }],
      says: "use_speaker_boost changes nothing",
    },
  ],
  voice_fallback: [{ what: "a voice", voice: "nobody", says: "'nobody'", isOfSocket: true }],
  language_unsupported: [
    { what: "a language", query: "language_code=de", says: "'de'", isOfSocket: true },
  ],
  dictionary_not_found: [
    {
      what: "a dictionary",
      send: [
        {
          text: hello,
          pronunciation_dictionary_locators: [{ pronunciation_dictionary_id: "noSuchThing" }],
        },
      ],
      says: "'noSuchThing'",
      isOfSocket: true,
    },
  ],
  markup_broken: [
    {
      what: "broken markup",
      query: "enable_ssml_parsing=true",
      send: [{ text: "One <break time= two. ", flush: true }],
      says: "broken",
    },
  ],
  empty_flush: [
    {
      what: "a second flush",
      send: [{ text: hello, flush: true }, { flush: true }],
      says: "flush",
    },
  ],
  auto_flushed: [
    {
      what: "text that waits",
      query: "max_buffer_delay_ms=500",
      send: [{ text: hello }],
      waitMs: 500,
      says: "max_buffer_delay_ms",
    },
  ],
  text_after_close: [
    {
      what: "text for a closed context",
      send: [{ text: hello, close_context: true }, { text: again }],
      says: "being closed",
      on: "multi-stream-input",
    },
  ],
  idle_soon: [
    {
      what: "silence",
      send: [],
      waitMs: 16_000,
      says: "for 16 seconds: at 20",
      isOfSocket: true,
    },
  ],
};

const allRows = Object.entries(rows).flatMap(([code, of]) =>
  of.flatMap((row) =>
    sockets
      .filter(({ socket }) => (row.on ?? socket) === socket)
      .map((socket) => ({
        ...row,
        ...socket,
        name: `${code} for ${row.what} on ${socket.socket}`,
        code,
      })),
  ),
);

describe("a warning", () => {
  it.for(named("name", allRows))("%s", async ([, row]) => {
    tone.hold();
    const { voice = "tone", query = "" } = row;
    const client = await bench.open({
      path: pathOf(row.socket).replace("/tone/", `/${voice}/`),
      query: `${pcm}&ext=1&${query}`,
    });
    for (const message of row.send ?? []) client.send({ ...message, ...row.of });
    await client.settled();
    if (row.waitMs !== undefined) {
      clock.advance(row.waitMs - 1);
      await client.settled();
      expect(warningsOf(client)).toEqual([]);
      clock.advance(1);
      await client.settled();
    }
    const others = typed(client, "warning").filter(({ code }) => code !== row.code);
    expect(others.map(({ code }) => code)).toEqual(row.besides ? [row.besides] : []);
    expect(typed(client, "warning").filter(({ code }) => code === row.code)).toEqual([
      {
        type: "warning",
        code: row.code,
        message: expect.stringContaining(row.says),
        ...(row.isOfSocket ? {} : row.naming),
      },
    ]);
    tone.release();
  });
});

describe.for(named("socket", sockets))("%s", ([socket, { of, end }]) => {
  const open = (query: string): Promise<StreamInput> => openExtended(bench, socket, query);
  const final = (client: StreamInput): Promise<ExtendedFrame> => client.frame(isFinalFrame);

  it("does not warn of an empty flush when its text was spoken on arrival", async () => {
    const client = await open("auto_mode=true");
    client.send(
      { text: hello, ...of, flush: true },
      { text: again, ...of },
      { ...of, flush: true },
    );
    client.send(end);
    await final(client);
    expect(client.audio()).toHaveLength(toneBytes(hello) + toneBytes(again));
    expect(warningsOf(client)).toEqual([]);
  });

  it("does not warn in a conversation as it should be", async () => {
    const client = await open(
      "model_id=eleven_turbo_v2_5&language_code=en&enable_ssml_parsing=true&enable_logging=true&inactivity_timeout=180&apply_text_normalization=auto&sync_alignment=true&optimize_streaming_latency=4&segments=true",
    );
    client.send({
      text: " ",
      ...of,
      voice_settings: { stability: 0.5, similarity_boost: 0.75, speed: 1.1 },
      generation_config: { chunk_length_schedule: [50, 120] },
      xi_api_key: "any",
      try_trigger_generation: true,
    });
    client.send({ text: `${hello}<break time="0.2s"/> `, ...of, flush: true });
    client.send({ text: again, ...of }, end);
    await final(client);
    expect(warningsOf(client)).toEqual([]);
  });

  it("speaks broken markup as text, and whole markup after it", async () => {
    const client = await open("enable_ssml_parsing=true");
    client.send({ text: 'One <emphasis two. <break time="1s"/> Three. ', ...of }, end);
    await final(client);
    expect(client.frames.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(warningsOf(client)).toContain("markup_broken");
    expect(tone.begun.join("")).toContain("One ");
    expect(client.audio().length).toBeGreaterThan(toneBytes("One two."));
  });

  it("warns of silence again after the client was heard, and not while it is", async () => {
    const client = await open("");
    for (let round = 1; round <= 3; round += 1) {
      client.send({ type: "keep_alive" });
      await client.settled();
      clock.advance(16_000);
      await client.settled();
      expect(warningsOf(client)).toEqual(Array.from({ length: round }, () => "idle_soon"));
    }
    for (let round = 1; round <= 3; round += 1) {
      client.send({ type: "keep_alive" });
      await client.settled();
      clock.advance(15_000);
    }
    expect(warningsOf(client)).toHaveLength(3);
  });

  it("does not warn of silence while it speaks", async () => {
    tone.hold();
    const client = await open("");
    client.send({ text: hello, ...of }, end);
    await client.settled();
    clock.advance(100_000);
    await client.settled();
    tone.release();
    await sounding(client, toneBytes(hello));
    expect(warningsOf(client)).toEqual([]);
  });
});
