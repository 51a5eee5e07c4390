import fc from "fast-check";

/** One message of a client and what a server must make of it. */
export interface ClientMessage {
  /** A string goes into a text frame, bytes into a binary one. */
  readonly data: string | Buffer;
  /**
   * `taken`: it is understood and the stream goes on. `ends`: it is the end marker.
   * `wrong`: the stream ends with an error. `any`: it may be either; it must only do no harm.
   */
  readonly fate: "taken" | "ends" | "wrong" | "any";
}

const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { freq: 8 });
const numberOrBoolean = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.boolean());

/** Short, so that a hundred thousand of them are spoken in seconds. Never empty. */
const spokenText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("Hel", "lo ", "world. ", " ", "Mr. ", "3.14", "\n", "—"),
  },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[\ud800-\udfff]{1,3}$/) },
);

const voiceSettings = fc.record(
  {
    stability: orNull(numberOrBoolean),
    similarity_boost: orNull(numberOrBoolean),
    style: orNull(numberOrBoolean),
    use_speaker_boost: orNull(fc.boolean()),
    speed: orNull(fc.double({ noNaN: true, min: 0.5, max: 5 })),
    unknown: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: [] },
);

const config = fc.record(
  {
    chunk_length_schedule: orNull(
      fc.oneof(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 5 }), fc.string()),
    ),
  },
  { requiredKeys: [] },
);

const optional = {
  flush: orNull(fc.boolean()),
  try_trigger_generation: orNull(fc.boolean()),
  voice_settings: orNull(voiceSettings),
  generation_config: orNull(config),
  generator_config: orNull(config),
  xi_api_key: orNull(fc.string({ maxLength: 5 })),
  not_a_field: fc.jsonValue({ maxDepth: 2 }),
};

/** What a well-behaved client may send anywhere but last. */
const validObject = fc.oneof(
  { weight: 6, arbitrary: fc.record({ text: spokenText }) },
  {
    weight: 3,
    arbitrary: fc.record({ text: spokenText, ...optional }, { requiredKeys: ["text"] }),
  },
  { weight: 1, arbitrary: fc.record({ text: fc.constant(""), flush: fc.constant(true) }) },
);

const message = (data: string | Buffer, fate: ClientMessage["fate"]): ClientMessage => ({
  data,
  fate,
});

const valid = validObject.map((object) => message(JSON.stringify(object), "taken"));
const validBinary = validObject.map((object) =>
  message(Buffer.from(JSON.stringify(object)), "taken"),
);

const end = fc.constant(message('{"text":""}', "ends"));

/** Values that no member with a meaning takes, by the member. */
const wrongMembers: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.string()), fc.object({ maxDepth: 1 })),
  flush: fc.oneof(fc.integer(), fc.string(), fc.array(fc.boolean())),
  try_trigger_generation: fc.oneof(fc.integer(), fc.string()),
  voice_settings: fc.oneof(
    fc.integer(),
    fc.string(),
    fc.array(fc.integer()),
    fc.record({ speed: fc.string() }),
    fc.record({ use_speaker_boost: fc.integer() }),
  ),
  generation_config: fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer())),
  generator_config: fc.oneof(fc.integer(), fc.boolean()),
  xi_api_key: fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.string())),
  authorization: fc.oneof(fc.integer(), fc.object({ maxDepth: 1 })),
  single_use_token: fc.integer(),
};

const wrongMember = fc
  .tuple(validObject, fc.constantFrom(...Object.keys(wrongMembers)))
  .chain(([object, name]) =>
    (wrongMembers[name] ?? fc.integer()).map((value) =>
      message(JSON.stringify({ ...object, [name]: value }), "wrong"),
    ),
  );

const notAnObject = fc
  .oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.array(validObject))
  .map((value) => message(JSON.stringify(value), "wrong"));

const anyJson = fc.json({ maxDepth: 4 }).map((json) => message(json, "any"));
const anyText = fc.string({ unit: "binary", maxLength: 60 }).map((text) => message(text, "any"));
const anyBytes = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => message(Buffer.from(bytes), "any"));

/** Valid JSON with some of its bytes changed, taken out or doubled. */
const mutated = fc
  .tuple(
    validObject,
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: -2, max: 255 })), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([object, changes, binary]) => {
    const bytes = [...Buffer.from(JSON.stringify(object))];
    for (const [place, value] of changes) {
      const index = place % bytes.length;
      if (value === -1 && bytes.length > 1) bytes.splice(index, 1);
      else if (value < 0) bytes.splice(index, 0, bytes[index] ?? 0);
      else bytes[index] = value;
    }
    // In a text frame only what is UTF-8: the rest has a test of its own.
    return message(binary ? Buffer.from(bytes) : Buffer.from(bytes).toString(), "any");
  });

const harmless = fc.oneof({ weight: 20, arbitrary: valid }, { weight: 4, arbitrary: validBinary });

const hostile = fc.oneof(
  { weight: 4, arbitrary: mutated },
  { weight: 3, arbitrary: wrongMember },
  { weight: 2, arbitrary: anyJson },
  { weight: 2, arbitrary: anyText },
  { weight: 2, arbitrary: anyBytes },
  { weight: 1, arbitrary: notAnObject },
  { weight: 1, arbitrary: end },
);

/** What one client says on one socket. */
export interface Conversation {
  readonly query: string;
  readonly messages: readonly ClientMessage[];
}

const query = fc
  .record(
    {
      output_format: fc.constantFrom("pcm_16000", "pcm_16000", "ulaw_8000", "mp3_22050_32"),
      auto_mode: fc.constantFrom("true", "false", "0"),
      sync_alignment: fc.constantFrom("true", "False"),
      x_alignment_base: fc.constantFrom("auto", "chunk", "context"),
      inactivity_timeout: fc.constantFrom("180", "300", "20.0"),
    },
    { requiredKeys: ["output_format"] },
  )
  .map((parameters) => new URLSearchParams(parameters).toString());

/**
 * Conversations of exactly `length` messages: well-behaved up to some place, anything after it.
 * The place is behind the last message as often as not, so most messages are really read.
 */
export const conversation = (length: number): fc.Arbitrary<Conversation> =>
  fc.nat({ max: 2 * length }).chain((place) => {
    const before = Math.min(place, length);
    const taken = { minLength: before, maxLength: before };
    const after = { minLength: length - before, maxLength: length - before };
    return fc.record({
      query,
      messages: fc
        .tuple(fc.array(harmless, taken), fc.array(fc.oneof(hostile, harmless), after))
        .map(([first, rest]) => [...first, ...rest]),
    });
  });
