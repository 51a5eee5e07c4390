import type { Frame } from "../support/stream-input.ts";
import { secret } from "./rows-http.ts";
import type { Sent } from "./rows-socket.ts";

/** Messages into a `multi-stream-input` socket, and all that comes of them. */
export interface MultiRow {
  readonly name: string;
  readonly query?: string;
  /** `close_socket` follows, unless an error is expected. */
  readonly send: readonly Sent[];
  /** The one frame, after which the socket is closed. */
  readonly error?: Pick<Required<Frame>, "message" | "error"> & { readonly code: number };
  /** What each context says, by its id, in the order of the final frames; "" for silence. */
  readonly says?: readonly (readonly [id: string | null, text: string])[];
}

const unreadable = {
  message:
    "Could not parse input message, make sure it is a json and follows the schema outlined in protocol.",
  error: "invalid_input_message",
  code: 1008,
} as const;

const words = `${secret} `;
const ofA = { context_id: "a" };
const closeA = { ...ofA, close_context: true };

const wrongTypes: readonly (readonly [name: string, message: object])[] = [
  ["a number for an id", { context_id: 7 }],
  ["an object for an id", { context_id: { id: "a" } }],
  ["an array for an id in the other spelling", { contextId: ["a"] }],
  ["a boolean for an id", { context_id: true }],
  ["a string for close_context", { ...ofA, close_context: "true" }],
  ["a number for closeContext", { ...ofA, closeContext: 1 }],
  ["a string for close_socket", { close_socket: "yes" }],
  ["an object for closeSocket", { closeSocket: {} }],
  ["a number for close_connection", { close_connection: 0 }],
  ["a string for keep_context_alive", { ...ofA, keep_context_alive: "a" }],
  ["a number for a text", { ...ofA, text: 7 }],
  ["an array for a text", { ...ofA, text: [words] }],
  ["a string for flush", { ...ofA, flush: "true" }],
  ["a number for a trigger", { ...ofA, try_trigger_generation: 1 }],
  ["a string for settings", { ...ofA, voice_settings: "slow" }],
  ["a string for a speed", { ...ofA, voice_settings: { speed: "1" } }],
  ["an object for a stability", { ...ofA, voice_settings: { stability: {} } }],
  ["a number for a booster", { ...ofA, voice_settings: { useSpeakerBoost: 1 } }],
  ["a list for a config", { ...ofA, generation_config: [50] }],
  ["a string for dictionaries", { ...ofA, pronunciation_dictionary_locators: "x" }],
  ["a number in the dictionaries", { ...ofA, pronunciation_dictionary_locators: [1] }],
  ["a dictionary without its id", { ...ofA, pronunciation_dictionary_locators: [{}] }],
  ["a number for a key", { ...ofA, xi_api_key: 7 }],
  ["an array for an authorization", { ...ofA, authorization: [] }],
];

const unreadableRows: MultiRow[] = [
  ...wrongTypes.flatMap(([name, message]): MultiRow[] => [
    { name: `${name}, first`, send: [{ text: words, ...message }], error: unreadable },
    {
      name: `${name}, later`,
      send: [{ text: words, ...ofA }, { ...message, xi: secret }, { text: words }],
      error: unreadable,
    },
  ]),
  { name: "a word", send: ["hello"], error: unreadable },
  { name: "an array of messages", send: [[{ text: words, ...ofA }]], error: unreadable },
  { name: "half a message", send: [`{"text":"${secret}","context_id":"a`], error: unreadable },
  { name: "bytes that are no JSON", send: [Buffer.from([0, 255, 128, 123])], error: unreadable },
  {
    name: "JSON in a binary frame whose UTF-8 is broken, so that it is no JSON",
    send: [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    error: unreadable,
  },
];

const manyIds = Array.from({ length: 1000 }, (_, index) => `context ${index}`);
const longId = secret.repeat(5000);

const readableRows: MultiRow[] = [
  { name: "nothing at all", send: [], says: [] },
  { name: "an empty object", send: [{}], says: [] },
  { name: "only an id", send: [ofA], says: [] },
  {
    name: "null everywhere",
    send: [
      {
        text: null,
        context_id: null,
        flush: null,
        close_context: null,
        close_socket: null,
        voice_settings: null,
      },
    ],
    says: [],
  },
  {
    name: "an id of 4000 characters",
    send: [{ text: "Hi ", context_id: longId.slice(0, 4000) }],
    says: [[longId.slice(0, 4000), "Hi "]],
  },
  {
    name: "an id of 200 KB, which every frame would repeat",
    send: [{ text: "Hi ", context_id: longId }],
    error: unreadable,
  },
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "\0", "\u2028", "😀", "\ud800"].map(
    (id): MultiRow => ({
      name: `${JSON.stringify(id)} for an id`,
      send: [
        { text: words, context_id: id },
        { context_id: id, close_context: true },
      ],
      says: [[id, words]],
    }),
  ),
  {
    name: "__proto__ as a member",
    send: ['{"__proto__":{"text":"a ","polluted":1},"context_id":"a"}', { text: "b ", ...ofA }],
    says: [["a", "b "]],
  },
  {
    name: "both spellings of the id: the first one counts",
    send: [{ text: "Hi ", context_id: "a", contextId: "b" }],
    says: [["a", "Hi "]],
  },
  {
    name: "1,000 contexts that are opened and never used",
    send: [
      ...manyIds.map((id) => ({ text: " ", context_id: id })),
      { text: words, ...ofA, close_context: true },
    ],
  },
  {
    name: "1,000 contexts that are closed at once",
    send: manyIds.map((id) => ({ text: "Hi ", context_id: id, close_context: true })),
  },
  {
    name: "close_context for 1,000 contexts that there are not",
    send: manyIds.map((id) => ({ context_id: id, close_context: true, flush: true, text: "" })),
    says: [],
  },
  {
    name: "messages after close_socket",
    send: [
      { text: words, ...ofA },
      { close_socket: true },
      { text: words, ...ofA },
      "{{{",
      { text: 7 },
      Buffer.from([255]),
    ],
    says: [["a", words]],
  },
  {
    name: "JSON in binary frames",
    send: [
      Buffer.from(JSON.stringify({ text: words, ...ofA })),
      Buffer.from(JSON.stringify(closeA)),
    ],
    says: [["a", words]],
  },
  {
    name: "more than three dictionaries, and some that are only ids",
    send: [
      {
        text: words,
        ...ofA,
        pronunciation_dictionary_locators: [
          "one",
          { pronunciation_dictionary_id: "two", version_id: null },
          { pronunciation_dictionary_id: "__proto__", version_id: "x", more: 1 },
          "four",
          "five",
        ],
      },
    ],
    says: [["a", words]],
  },
  {
    name: "messages of the extension without ext=1",
    send: [
      { type: "cancel", contextId: "a", played_ms: "x" },
      { text: words, ...ofA },
      { type: "cancel", contextId: "a" },
      { type: "keep_alive" },
      { type: 7 },
    ],
    says: [["a", words]],
  },
  {
    name: "settings far out of range",
    send: [
      { text: words, ...ofA, voice_settings: { speed: -1e300, stability: 1e300, style: true } },
    ],
    says: [["a", words]],
  },
  {
    name: "schedules that cannot be used",
    send: [
      { text: "a ", ...ofA, generation_config: { chunk_length_schedule: "50" } },
      { text: "b ", ...ofA, generator_config: { chunk_length_schedule: [null] } },
    ],
    says: [["a", "a b "]],
  },
  {
    name: "an emoji cut in two",
    send: ['{"text":"a \\ud83d","context_id":"a"}', '{"text":"\\ude00 b ","context_id":"a"}'],
    says: [["a", "a \u{1f600} b "]],
  },
  {
    name: "a message over 4 MiB",
    send: ["x".repeat(4 * 1_048_576 + 1)],
    error: {
      message:
        "The message is larger than 1048576 bytes. Send less at once; messages of a stream are joined exactly as sent.",
      error: "message_too_big",
      code: 1009,
    },
  },
];

const extended = "ext=1&";
const extensionRows: MultiRow[] = [
  { name: "an unknown type", send: [{ type: "dance", ...ofA }] },
  { name: "a type that is a number", send: [{ type: 7 }] },
  { name: "a type that is null", send: [{ type: null }] },
  { name: "__proto__ for a type", send: ['{"type":"__proto__"}'] },
  {
    name: "a cancel of a context with a number for a name",
    send: [{ type: "cancel", contextId: 7 }],
  },
  { name: "a cancel with a negative time", send: [{ type: "cancel", ...ofA, played_ms: -1 }] },
  { name: "a cancel with a time without end", send: ['{"type":"cancel","played_ms":1e999}'] },
  { name: "a cancel with a string for keep", send: [{ type: "cancel", keep: "yes" }] },
  {
    name: "a keep_alive of a context with an object for a name",
    send: [{ type: "keep_alive", context_id: {} }],
  },
].map((row): MultiRow => ({ ...row, query: extended, error: unreadable }));

export const multiRows: readonly MultiRow[] = [
  ...unreadableRows,
  ...readableRows,
  ...extensionRows,
];
