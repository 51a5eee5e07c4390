import { testKey } from "../support/server.ts";
import type { Frame } from "../support/stream-input.ts";
import { secret } from "./rows-http.ts";

/** What is sent: objects as JSON, strings as they are, bytes as a binary frame. */
export type Sent = object | string | Buffer;

/** An error frame, with nothing but this in it. */
type SocketError = Required<Pick<Frame, "message" | "error" | "code">>;

/** Messages into a socket, and everything that comes out of it. */
export interface SocketRow {
  readonly name: string;
  readonly voice?: string;
  readonly path?: string;
  readonly query?: string;
  /** The right key unless given. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly send: readonly Sent[];
  /** The error frame; undefined for a socket that ends as it should, with the final frame. */
  readonly error?: SocketError;
  /** Of a socket that ends as it should: what its alignment spells; none when it stays silent. */
  readonly spells?: string;
}

const end = { text: "" };
const words = { text: `${secret} ` };

const failure = (error: string, message: string, code = 1008): SocketError => ({
  message,
  error,
  code,
});
const unreadable = failure(
  "invalid_input_message",
  "Could not parse input message, make sure it is a json and follows the schema outlined in protocol.",
);
const noKey = failure(
  "authentication_required",
  "None of the authentication methods (xi-api-key, authorization header, single-use token) were found. Please provide one of them.",
);
const badKey = failure("invalid_api_key", "Invalid API key");
const badToken = failure(
  "invalid_token",
  "The single-use token is unknown, expired or already used. Mint a new token for every connection; a token is valid for 15 minutes.",
);
const tooBig = failure(
  "message_too_big",
  "The message is larger than 1048576 bytes. Send less at once; messages of a stream are joined exactly as sent.",
  1009,
);
const noSuchVoice = (voiceId: string): SocketError =>
  failure("voice_id_does_not_exist", `A voice with voice_id ${voiceId} does not exist.`);

const credentials: SocketRow[] = [
  { name: "no key anywhere", headers: {}, send: [words], error: noKey },
  { name: "no key, and only the end", headers: {}, send: [end], error: noKey },
  {
    name: "an empty key in the first message",
    headers: {},
    send: [{ text: " ", xi_api_key: "" }],
    error: noKey,
  },
  {
    name: "a key that comes with the second message",
    headers: {},
    send: [{ text: " " }, { text: secret, xi_api_key: testKey }],
    error: noKey,
  },
  {
    name: "a wrong key, said at once",
    headers: { "xi-api-key": "sk_wrong" },
    send: [],
    error: badKey,
  },
  {
    name: "a wrong key in the head, a right one in the message",
    headers: { "xi-api-key": "sk_wrong" },
    send: [{ text: " ", xi_api_key: testKey }],
    error: badKey,
  },
  {
    name: "the key with another scheme",
    headers: { authorization: `Basic ${testKey}` },
    send: [],
    error: badKey,
  },
  {
    name: "a wrong key in the first message",
    headers: {},
    send: [{ text: " ", xi_api_key: "sk_wrong" }],
    error: badKey,
  },
  {
    name: "a wrong key in the query",
    headers: {},
    query: "authorization=sk_wrong",
    send: [],
    error: badKey,
  },
  {
    name: "a token that was never minted",
    headers: {},
    query: "single_use_token=made-up",
    send: [],
    error: badToken,
  },
  {
    name: "a token in the first message that was never minted",
    headers: {},
    send: [{ text: " ", single_use_token: "made-up" }],
    error: badToken,
  },
  {
    name: "a number for a key",
    headers: {},
    send: [{ text: " ", xi_api_key: 7 }],
    error: unreadable,
  },
];

const voices: SocketRow[] = [
  { name: "an unknown voice", voice: "nobody", send: [words], error: noSuchVoice("nobody") },
  {
    name: "an encoded path for a voice",
    path: "/v1/text-to-speech/..%2F..%2Fetc%2Fpasswd/stream-input",
    send: [words],
    error: noSuchVoice("../../etc/passwd"),
  },
  {
    name: "a voice with a NUL behind it",
    path: "/v1/text-to-speech/tone%00/stream-input",
    send: [words],
    error: noSuchVoice("tone\0"),
  },
  {
    name: "__proto__ for a voice",
    voice: "__proto__",
    send: [words],
    error: noSuchVoice("__proto__"),
  },
  {
    name: "an emoji for a voice",
    voice: "\u{1f399}",
    send: [words],
    error: noSuchVoice("\u{1f399}"),
  },
  {
    name: "a voice of 64 emoji, whose close reason is cut in whole characters",
    path: `/v1/text-to-speech/${"%F0%9F%8E%99".repeat(64)}/stream-input`,
    send: [words],
    error: noSuchVoice("\u{1f399}".repeat(64)),
  },
  {
    name: "a voice of 1000 characters",
    voice: "v".repeat(1000),
    send: [words],
    error: noSuchVoice(`${"v".repeat(64)}…`),
  },
];

const unreadableMessages: readonly (readonly [name: string, ...Sent[]])[] = [
  ["an empty message", ""],
  ["a word", "hello"],
  ["half of a JSON object", `{"text":"${secret}`],
  ["two JSON objects", '{"text":"a"}{"text":"b"}'],
  ["JSON with single quotes", "{'text':'a'}"],
  ["a trailing comma", '{"text":"a",}'],
  ["a control character in a JSON string", '{"text":"a\nb"}'],
  ["an array", "[]"],
  ["an array of a message", `[{"text":"${secret}"}]`],
  ["a string", JSON.stringify(secret)],
  ["a number", "7"],
  ["a number out of range", "1e999"],
  ["null", "null"],
  ["true", "true"],
  ["a number for a text", { text: 7 }],
  ["true for a text", { text: true }],
  ["an array for a text", { text: [secret] }],
  ["an object for a text", { text: { text: secret } }],
  ["the text twice, the last one a number", `{"text":"${secret}","text":7}`],
  ["a string for flush", { text: secret, flush: "true" }],
  ["a number for flush", { text: secret, flush: 1 }],
  ["a string for a trigger", { text: secret, try_trigger_generation: "yes" }],
  ["a string for settings", { text: secret, voice_settings: "loud" }],
  ["an array for settings", { text: secret, voice_settings: [] }],
  ["a string for a number of the settings", { text: secret, voice_settings: { stability: "0.5" } }],
  ["a number too large for a number", '{"text":"a","voice_settings":{"speed":1e999}}'],
  ["a number for a boolean", { text: secret, voice_settings: { use_speaker_boost: 1 } }],
  ["a number for a config", { text: secret, generation_config: 50 }],
  ["an array for a config", { text: secret, generator_config: [50] }],
  ["an object for an authorization", { text: secret, authorization: {} }],
  ["a number for a token", { text: secret, single_use_token: 1 }],
  ["100,000 brackets that are never closed", "[".repeat(100_000)],
  ["100,000 arrays", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  [
    "a text that is 100,000 objects deep",
    `{"text":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
  ],
  ["an empty binary message", Buffer.alloc(0)],
  ["bytes that are no JSON", Buffer.from([0x00, 0xff, 0x80, 0x7b, 0x7d])],
  ["a WAV file", Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1")],
  ["JSON in UTF-16", Buffer.from('{"text":"a"}', "utf16le")],
];

const messages: SocketRow[] = unreadableMessages.flatMap(([name, ...send]) => [
  { name: `${name}, first`, send, error: unreadable },
  { name: `${name}, later`, send: [{ text: " " }, ...send, words, end], error: unreadable },
]);

const lastingText = "y".repeat(100);

const ends: SocketRow[] = [
  { name: "only the end", send: [end] },
  { name: "a first message without a text", send: [{ voice_settings: null }] },
  { name: "a first message that only flushes", send: [{ flush: true }] },
  { name: "a first message with null for a text", send: [{ text: null }] },
  { name: "a text that only __proto__ has", send: ['{"__proto__":{"text":"a"}}'] },
  { name: "an object with nothing in it", send: ["{}"] },
  { name: "only white space", send: [{ text: " " }, { text: "\n\t\u2003 " }, { text: " " }, end] },
  {
    name: "an end that flushes does not end",
    send: [words, { text: "", flush: true }, end],
    spells: words.text,
  },
  {
    name: "garbage after the end",
    send: [words, end, "{{{", Buffer.from([0xff])],
    spells: words.text,
  },
  { name: "text after the end", send: [words, end, words, end], spells: words.text },
];

const accepted: SocketRow[] = [
  {
    name: "JSON in a binary message",
    send: [Buffer.from(JSON.stringify(words)), Buffer.from('{"text":""}')],
    spells: words.text,
  },
  { name: "NUL", send: [{ text: "a\0b " }, end], spells: "a\0b " },
  {
    name: "control characters",
    send: [{ text: "a\u0001\u001b[0m\u007fb " }, end],
    spells: "a\u0001\u001b[0m\u007fb ",
  },
  {
    name: "only emoji",
    send: [{ text: "\u{1f600}\u{1f680} " }, end],
    spells: "\u{1f600}\u{1f680} ",
  },
  {
    name: "an emoji cut in two",
    send: ['{"text":"a \\ud83d"}', '{"text":"\\ude00 b "}', end],
    spells: "a \u{1f600} b ",
  },
  {
    name: "lone surrogates",
    send: ['{"text":"a\\ud800b\\udc00 "}', end],
    spells: "a\ud800b\udc00 ",
  },
  { name: "only punctuation", send: [{ text: "?!… " }, end], spells: "?!… " },
  {
    name: "text that looks like a tag",
    send: [{ text: "<break time='9s'/><script> " }, end],
    spells: "<break time='9s'/><script> ",
  },
  {
    name: "text that looks like a message",
    send: [{ text: '{"text":""} ' }, end],
    spells: '{"text":""} ',
  },
  {
    name: "the text twice: the last one counts",
    send: ['{"text":7,"text":"a "}', end],
    spells: "a ",
  },
  {
    name: "__proto__ and constructor beside the text",
    send: [
      '{"text":"a ","__proto__":{"polluted":true,"flush":1},"constructor":{"prototype":{"polluted":true}}}',
      end,
    ],
    spells: "a ",
  },
  {
    name: "an unknown member that is 100,000 arrays deep",
    send: [`{"text":"a ","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, end],
    spells: "a ",
  },
  {
    name: "unknown members everywhere, null wherever nothing is meant",
    send: [
      {
        text: "a ",
        not_a_real_field: { deep: [1, null] },
        voice_settings: { speed: null, loudness: "very" },
        generation_config: null,
        generator_config: { chunk_length_schedule: null, other: 1 },
        flush: null,
        try_trigger_generation: null,
        xi_api_key: null,
      },
      end,
    ],
    spells: "a ",
  },
  {
    name: "configs that say nothing",
    send: [
      { text: "a ", generation_config: {} },
      { text: "b ", generator_config: { not_a_real_field: 1 } },
      end,
    ],
    spells: "a b ",
  },
  {
    name: "schedules that cannot be used",
    send: [
      { text: " ", generation_config: { chunk_length_schedule: [] } },
      { text: "a ", generation_config: { chunk_length_schedule: "50" } },
      { text: "b ", generation_config: { chunk_length_schedule: [50, "60"] } },
      '{"text":"c ","generation_config":{"chunk_length_schedule":[-1e300,1e999,0.1]}}',
      end,
    ],
    spells: "a b c ",
  },
  {
    name: "settings far out of range, and booleans for numbers",
    send: [
      { text: "a ", voice_settings: { speed: 1e300, stability: -5, similarity_boost: true } },
      end,
    ],
    spells: "a ",
  },
  {
    name: "a wrong key in a later message",
    send: [{ text: " " }, { text: "a ", xi_api_key: "sk_wrong" }, end],
    spells: "a ",
  },
  {
    name: "a message of exactly 1 MiB",
    send: [ofSize(1_048_576), end],
    spells: "a ",
  },
  {
    name: "1 MB of white space before the text",
    send: [{ text: " ".repeat(1_000_000) }, { text: "a " }, end],
    spells: "a ",
  },
  {
    name: "a first word of 100 letters and nothing after it",
    send: [{ text: lastingText }, end],
    spells: `${lastingText} `,
  },
];

const sizes: SocketRow[] = [
  { name: "one byte over 1 MiB", send: [ofSize(1_048_577)], error: tooBig },
  { name: "one byte over 1 MiB in binary", send: [Buffer.from(ofSize(1_048_577))], error: tooBig },
  {
    name: "2 MiB of text after some",
    send: [{ text: "Hi. " }, { text: "a".repeat(2_097_152) }],
    error: tooBig,
  },
  {
    name: "under 1 MiB in characters, over it in bytes",
    send: [{ text: "é".repeat(600_000) }],
    error: tooBig,
  },
  {
    name: "over 4 MiB, which are not read any more",
    send: [ofSize(4 * 1_048_576 + 1)],
    error: tooBig,
  },
];

/** A message of this many bytes, most of them in a member without a meaning. */
function ofSize(sizeBytes: number): string {
  const empty = JSON.stringify({ text: "a ", padding: "" });
  return JSON.stringify({ text: "a ", padding: "x".repeat(sizeBytes - empty.length) });
}

export const socketRows: readonly SocketRow[] = [
  ...credentials,
  ...voices,
  ...messages,
  ...ends,
  ...accepted,
  ...sizes,
];
