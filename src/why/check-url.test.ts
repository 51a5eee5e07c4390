import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkUrl } from "./check-url.ts";
import type { WhyCauseId } from "./field-causes.ts";
import type { FindingLevel } from "./url/finding.ts";

const hosted = "wss://api.elevenlabs.io/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream-input";
const own = "ws://tts.example:8080/v1/text-to-speech/flite-rms/stream-input";
const multi = "ws://tts.example:8080/v1/text-to-speech/flite-rms/multi-stream-input";
const waves = "wss://api.smallest.ai/waves/v1/tts/live";
const ownWaves = "ws://tts.example:8080/waves/v1/tts/live";
const turns = "ws://tts.example:8080/waves/v1/lightning-v4/live";

/** Level and place of every finding, the worst first. */
const findingsOf = (url: string): string[] =>
  checkUrl(url).findings.map(({ level, where }) => `${level} ${where}`);

describe("an address that is right", () => {
  it.each([
    [hosted, "elevenlabs", "stream-input", true, 20],
    [own, "elevenlabs", "stream-input", false, 20],
    [multi, "elevenlabs", "multi-stream-input", false, 20],
    [waves, "waves", "tts-live", true, 60],
    [ownWaves, "waves", "tts-live", false, 60],
    [turns, "waves", "lightning-v4", false, undefined],
    [
      `${own}?inactivity_timeout=170&auto_mode=True&model_id=eleven_flash_v2_5`,
      "elevenlabs",
      "stream-input",
      false,
      170,
    ],
    [`${ownWaves}?timeout=30`, "waves", "tts-live", false, 30],
    [
      "ws://h/compat/observed/v1/text-to-speech/x/stream-input",
      "elevenlabs",
      "stream-input",
      false,
      20,
    ],
    ["ws://h/voice/api/v1/tts/live", "waves", "tts-live", false, 60],
  ])("%s has no faults", (url, vendor, route, isHosted, idleSeconds) => {
    expect(checkUrl(url)).toEqual({
      vendor,
      route,
      isHosted,
      shown: url,
      credential: "none",
      idleSeconds,
      findings: [],
    });
  });
});

/** What is wrong, what the finding says, and what it should be. */
const rows: readonly (readonly [
  url: string,
  level: FindingLevel,
  where: string,
  advice: RegExp,
  cause?: WhyCauseId,
])[] = [
  // The scheme and the host.
  [own.replace("ws:", "http:"), "error", "scheme", /ws:\/\//, "upgrade_required"],
  [own.replace("ws:", "https:"), "error", "scheme", /wss:\/\//, "upgrade_required"],
  [hosted.replace("wss:", "ws:"), "error", "scheme", /wss:\/\//, "plain_on_tls_port"],
  [own.replace("ws:", "ftp:"), "error", "scheme", /ws:\/\/ or wss:\/\//],
  [hosted.replace("wss://", ""), "error", "scheme", /Begin with wss:\/\//],
  ["localhost:8080/v1/text-to-speech/x/stream-input", "error", "scheme", /Begin with ws:\/\//],
  [
    "wss://localhost:8080/v1/text-to-speech/x/stream-input",
    "note",
    "scheme",
    /ws:\/\//,
    "tls_on_plain_port",
  ],
  ["wss://me:hunter2@h/v1/text-to-speech/x/stream-input", "warning", "host", /header/],
  [`${own}#top`, "error", "fragment", /%23/],
  ["wss://api.smallest.ai/v1/text-to-speech/x/stream-input", "error", "host", /same/, "not_found"],
  ["wss://api.elevenlabs.io/waves/v1/tts/live", "error", "host", /same/, "not_found"],
  ["", "error", "address", /wss:\/\//],
  ["wss://", "error", "address", /wss:\/\//],
  [` ${own}\n`, "warning", "address", /Take them out/],
  // The path.
  [hosted.replace("/v1", ""), "error", "path", /\/v1/, "not_found"],
  [own.replace("/v1", ""), "warning", "path", /\/v1/, "not_found"],
  [hosted.replace("/v1", "/v1/v1"), "error", "path", /Take one out/, "not_found"],
  [own.replace("/v1", "/v2"), "error", "path", /\/v1/, "not_found"],
  [hosted.replace("/v1", "/tts/v1"), "error", "path", /\/v1/, "not_found"],
  [own.replace("stream-input", "stream_input"), "error", "path", /Write stream-input/, "not_found"],
  [own.replace("text-to-speech", "text_to_speech"), "error", "path", /text-to-speech/, "not_found"],
  [own.replace("stream-input", "stream"), "error", "path", /stream-input/, "upgrade_not_possible"],
  [own.replace("/stream-input", ""), "error", "path", /stream-input/, "upgrade_not_possible"],
  [`${own}/`, "note", "path", /Take it out/],
  [own.replace("/v1", "//v1"), "warning", "path", /put together/],
  ["ws://h/", "error", "path", /stream-input or /, "not_found"],
  ["wss://api.elevenlabs.io/v1/convai/conversation", "error", "path", /text-to-speech/],
  [waves.replace("/waves", ""), "error", "path", /\/waves\/v1/, "not_found"],
  [waves.replace("/v1", ""), "error", "path", /\/waves\/v1/, "not_found"],
  [waves.replace("/live", ""), "error", "path", /tts\/live/, "upgrade_not_possible"],
  [ownWaves.replace("tts/live", "streaming-tts/stream"), "warning", "path", /tts\/live/],
  // The voice and the model of the path.
  [own.replace("flite-rms/", ""), "error", "voice", /GET \/v1\/voices/, "voice_not_found"],
  [own.replace("flite-rms", ""), "error", "voice", /GET \/v1\/voices/, "voice_not_found"],
  [own.replace("flite-rms", "{voice_id}"), "error", "voice", /id/, "voice_not_found"],
  [own.replace("flite-rms", "undefined"), "error", "voice", /id/, "voice_not_found"],
  [
    hosted.replace("21m00Tcm4TlvDq8ikWAM", "Rachel"),
    "warning",
    "voice",
    /voice_id/,
    "voice_not_found",
  ],
  [
    waves.replace("tts/live", "lightning-v2/get_speech/stream"),
    "error",
    "model",
    /tts\/live/,
    "model_retired",
  ],
  [
    ownWaves.replace("tts/live", "lightning_v2/get_speech/stream"),
    "warning",
    "model",
    /tts\/live/,
    "model_retired",
  ],
  [ownWaves.replace("tts/live", "lightning-v3.1/get_speech/stream"), "note", "model", /tts\/live/],
  [
    ownWaves.replace("tts/live", "thunder/get_speech/stream"),
    "error",
    "model",
    /lightning/,
    "model_not_found",
  ],
  // Names of parameters.
  [`${own}?inactivityTimeout=60`, "error", "inactivityTimeout", /inactivity_timeout/],
  [`${own}?inactivity-timeout=60`, "error", "inactivity-timeout", /inactivity_timeout/],
  [`${own}?inactivty_timeout=60`, "warning", "inactivty_timeout", /inactivity_timeout/],
  [`${own}?timeout=60`, "error", "timeout", /inactivity_timeout/, "wrong_vendor_parameter"],
  [
    `${waves}?inactivity_timeout=60`,
    "error",
    "inactivity_timeout",
    /timeout/,
    "wrong_vendor_parameter",
  ],
  [`${own}?model=eleven_flash_v2_5`, "error", "model", /model_id/],
  [`${own}?stability=0.5`, "error", "stability", /first message/],
  [`${waves}?sample_rate=24000`, "error", "sample_rate", /first message/],
  [`${own}?colour=blue`, "note", "colour", /Leave it out/],
  [`${own}?xi-api-key=hunter2secret`, "error", "xi-api-key", /header/, "authentication_required"],
  [`${own}?authorization=hunter2secret`, "warning", "authorization", /header/],
  [`${own}?single_use_token=hunter2secret`, "note", "single_use_token", /Mint/],
  [`${waves}?token=hunter2secret`, "warning", "token", /Authorization/],
  [`${hosted}?ext=1`, "warning", "ext", /Leave it out/],
  [`${own}?segments=true`, "warning", "segments", /ext=1/],
  // How they are written.
  [`${own}?&seed=1`, "note", "query", /Take it out/],
  [`${own}?seed=1&amp;auto_mode=true`, "error", "query", /HTML/],
  [`${own}?seed=1?auto_mode=true`, "warning", "query", /&/],
  [`${own}?seed=1&seed=1`, "note", "seed", /once/],
  [`${own}?seed=1&seed=2`, "warning", "seed", /once/],
  [`${own}?model_id=Ellipsis`, "warning", "model_id", /Set it/],
  [`${own}?model_id=`, "note", "model_id", /leave it out/],
  // Values.
  [`${own}?inactivity_timeout=300`, "warning", "inactivity_timeout", /180/, "input_timeout"],
  [`${own}?inactivity_timeout=0`, "error", "inactivity_timeout", /180/, "input_timeout"],
  [`${own}?inactivity_timeout=-1`, "error", "inactivity_timeout", /180/, "input_timeout"],
  [
    `${own}?inactivity_timeout=20s`,
    "error",
    "inactivity_timeout",
    /from 1 to 180/,
    "invalid_parameter",
  ],
  [`${waves}?timeout=0`, "warning", "timeout", /60/, "input_timeout"],
  [`${waves}?timeout=2.5`, "warning", "timeout", /whole/, "input_timeout"],
  [`${waves}?timeout=abc`, "error", "timeout", /whole/, "invalid_parameter"],
  [`${waves}?timeout=3600`, "note", "timeout", /blank text/],
  [`${own}?auto_mode=yes`, "error", "auto_mode", /true or false/, "invalid_parameter"],
  [`${own}?seed=-5`, "warning", "seed", /from 0/],
  [`${own}?optimize_streaming_latency=3`, "note", "optimize_streaming_latency", /Leave/],
  [
    `${own}?apply_text_normalization=yes`,
    "error",
    "apply_text_normalization",
    /auto, on, off/,
    "invalid_parameter",
  ],
  [`${own}?language_code=en-US`, "warning", "language_code", /Write en\./],
  [`${own}?model_id=eleven_v3`, "error", "model_id", /eleven_flash_v2_5/, "unsupported_model"],
  [
    `${own}?model_id=eleven-flash-v2-5`,
    "error",
    "model_id",
    /eleven_flash_v2_5/,
    "model_not_found",
  ],
  [`${own}?model_id=lightning_v3.1`, "error", "model_id", /socket of Waves/, "model_not_found"],
  [`${own}?model_id=my-own`, "warning", "model_id", /GET \/v1\/models/, "model_not_found"],
  [
    `${own}?output_format=wav_24000`,
    "error",
    "output_format",
    /pcm_24000/,
    "invalid_output_format",
  ],
  [`${own}?output_format=mp3`, "error", "output_format", /mp3_44100_128/, "invalid_output_format"],
  [
    `${own}?output_format=ulaw_16000`,
    "error",
    "output_format",
    /ulaw_8000|pcm_16000/,
    "invalid_output_format",
  ],
  [`${own}?output_format=mp3_44100`, "note", "output_format", /mp3_44100_128/],
  [`${hosted}?output_format=pcm_44100`, "note", "output_format", /plan/, "format_not_in_plan"],
  [`${turns}?sample_rate=11025`, "error", "sample_rate", /48000/, "invalid_parameter"],
  [`${turns}?speed=9`, "warning", "speed", /0\.5 to 2/],
];

describe("an address that is not", () => {
  const named = rows.map(([url, level, where, advice, cause]) => ({
    url,
    level,
    where,
    advice,
    cause,
  }));
  it.each(named)("$url: $level about $where", ({ url, level, where, advice, cause }) => {
    expect(checkUrl(url).findings).toContainEqual(
      expect.objectContaining({ level, where, cause, advice: expect.stringMatching(advice) }),
    );
  });

  it("has the worst first", () => {
    const url = `${own}?&timeout=60&inactivity_timeout=300`;
    expect(findingsOf(url)).toEqual(["error timeout", "warning inactivity_timeout", "note query"]);
  });
});

describe("the limit on silence", () => {
  it.each([
    ["", 20],
    ["?inactivity_timeout=0", 1],
    ["?inactivity_timeout=300", 180],
    ["?inactivity_timeout=20.0", 20],
    ["?inactivity_timeout=soon", 20],
    ["?inactivity_timeout=5&inactivity_timeout=9", 5],
  ])("with %j is %d s on ElevenLabs", (query, seconds) => {
    expect(checkUrl(`${own}${query}`).idleSeconds).toBe(seconds);
  });
  it.each([
    ["", 60],
    ["?timeout=5", 5],
    ["?timeout=0", 60],
    ["?timeout=7.5", 60],
    ["?timeout=3600", 3600],
  ])("with %j is %d s on Waves", (query, seconds) => {
    expect(checkUrl(`${ownWaves}${query}`).idleSeconds).toBe(seconds);
  });
});

const hex = (size: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from("0123456789abcdef")),
    minLength: size,
    maxLength: size,
  });
/** Keys as the vendors and this server make them. */
const key = fc.oneof(
  hex(48).map((digits) => `sk_${digits}`),
  hex(40).map((digits) => `sutkn_${digits}7`),
  hex(31).map((digits) => `${digits}0`),
  hex(40).map((digits) => `eyJ${digits}.${digits}`),
);
/** Where in an address a key may stand. */
const places: readonly ((secret: string) => string)[] = [
  (secret) => `wss://${secret}@h/v1/text-to-speech/x/stream-input`,
  (secret) => `wss://user:${secret}@h/v1/text-to-speech/x/stream-input`,
  (secret) => `wss://h/${secret}/v1/text-to-speech/x/stream-input`,
  (secret) => `wss://h/v1/text-to-speech/${secret}/stream-input`,
  (secret) => `wss://h/v1/text-to-speech/x/${secret}`,
  (secret) => `wss://h/${secret}`,
  (secret) => `wss://h/waves/v1/${secret}/get_speech/stream`,
  (secret) => `${own}#${secret}`,
  (secret) => `${own}?${secret}`,
  (secret) => `${own}?${secret}=1`,
  (secret) => `${own}?model_id=1&${secret}=${secret}`,
  ...[
    "model_id",
    "output_format",
    "language_code",
    "auto_mode",
    "inactivity_timeout",
    "seed",
    "apply_text_normalization",
    "authorization",
    "single_use_token",
    "xi-api-key",
    "timeout",
    "anything",
  ].map((name) => (secret: string) => `${own}?${name}=${encodeURIComponent(secret)}`),
  (secret) => `${waves}?token=Bearer%20${secret}`,
  (secret) => `${waves}?timeout=${secret}`,
  (secret) => `${turns}?voice_id=${secret}&sample_rate=${secret}`,
  (secret) => secret,
];

describe("any text", () => {
  it("is looked at without a word of a key in what is said", () => {
    fc.assert(
      fc.property(key, fc.constantFrom(...places), (secret, place) => {
        const said = JSON.stringify(checkUrl(place(secret)));
        expect(said).not.toContain(secret);
        expect(said).not.toContain(secret.slice(4, 24));
      }),
      { numRuns: 1000 },
    );
  });

  it("shows no value of a parameter that is there for credentials", () => {
    const names = fc.constantFrom(
      "authorization",
      "single_use_token",
      "xi_api_key",
      "token",
      "password",
    );
    fc.assert(
      fc.property(names, fc.constantFrom(own, ownWaves), (name, base) => {
        expect(JSON.stringify(checkUrl(`${base}?${name}=hunter2secret`))).not.toContain("hunter2");
      }),
    );
  });

  it("throws nothing", () => {
    const part = fc.oneof(fc.string({ unit: "binary" }), fc.string());
    const anything = fc.oneof(
      part,
      part.map((text) => `wss://h/${text}`),
      part.map((text) => `${own}?${text}`),
      fc.tuple(part, part).map(([name, value]) => `${ownWaves}?${name}=${value}`),
      fc.constantFrom("constructor", "__proto__", "toString").map((name) => `${own}?${name}=1`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const { level, where, problem, advice } of checkUrl(text).findings) {
          expect([level, where, problem, advice].every((said) => said !== "")).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("takes no long time over a long one", () => {
    for (const text of [
      `${own}?${"a=1&".repeat(4000)}`,
      `${own}?${"a".repeat(16_000)}=1`,
      "/".repeat(16_000),
      "w".repeat(10_000_000),
    ]) {
      checkUrl(text);
    }
  }, 5000);
});
