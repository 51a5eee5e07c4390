/**
 * What the vendors document of the values that addresses name. A test holds them equal to what the
 * dialects take.
 */

/** An `output_format` of ElevenLabs' sockets. */
export interface DocumentedFormat {
  readonly name: string;
  /** What the hosted service asks for it, where not every plan has it. */
  readonly plan?: string;
  /** Sockets take it, though their own list does not name it. */
  readonly isUnlisted?: true;
}

const named =
  (prefix: string) =>
  (...names: readonly (string | number)[]): DocumentedFormat[] =>
    names.map((name) => ({ name: `${prefix}_${name}` }));

export const elevenLabsFormats: readonly DocumentedFormat[] = [
  ...named("mp3")("22050_32", "44100_32", "44100_64", "44100_96", "44100_128"),
  { name: "mp3_24000_48", isUnlisted: true },
  { name: "mp3_44100_192", plan: "Creator" },
  ...named("pcm")(8000, 16_000, 22_050, 24_000),
  { name: "pcm_32000", isUnlisted: true },
  { name: "pcm_48000", isUnlisted: true },
  { name: "pcm_44100", plan: "Pro" },
  ...named("ulaw")(8000),
  ...named("alaw")(8000),
  ...named("opus")("48000_32", "48000_64", "48000_96", "48000_128", "48000_192"),
];

/** Names of formats that go by others now. */
export const formerFormats: Readonly<Record<string, string>> = { mp3_44100: "mp3_44100_128" };

/** What a caller of another service may mean by its name of a format. */
export const likelyFormats: Readonly<Record<string, string>> = {
  mp3: "mp3_44100_128",
  pcm: "pcm_24000",
  linear16: "pcm_24000",
  raw: "pcm_24000",
  opus: "opus_48000_64",
  ogg: "opus_48000_64",
  ulaw: "ulaw_8000",
  mulaw: "ulaw_8000",
  mulaw_8000: "ulaw_8000",
  alaw: "alaw_8000",
};

/** Models that speak on ElevenLabs' text-to-speech sockets. */
export const elevenLabsSocketModels: readonly string[] = [
  "eleven_multilingual_v2",
  "eleven_flash_v2_5",
  "eleven_flash_v2",
  "eleven_turbo_v2_5",
  "eleven_turbo_v2",
  "eleven_multilingual_v1",
  "eleven_monolingual_v1",
];

/** Models that do not, and where they speak instead. */
export const elevenLabsOtherModels: Readonly<Record<string, string>> = {
  eleven_v3: "over HTTP",
  eleven_v3_conversational: "on the text-to-dialogue sockets",
  eleven_v4: "on the text-to-dialogue sockets",
  eleven_v4_turbo: "on the text-to-dialogue sockets",
};

/** Models of Waves' sockets. */
export const wavesModels: readonly string[] = ["lightning-v3.1", "lightning-v3.1-pro"];
/** Models that the vendor answers with 410. */
export const retiredWavesModels: readonly string[] = [
  "lightning-v2",
  "lightning-large",
  "lightning",
];
/** It has a route and a protocol of its own. */
export const turnsModel = "lightning-v4";

/** In bodies and paths the ids are spelled with underscores or hyphens. */
export const plainWavesModel = (id: string): string => id.toLowerCase().replaceAll("_", "-");

/** Seconds without a message after which a socket is closed. */
export const elevenLabsIdleSeconds = { min: 1, max: 180, fallback: 20 } as const;
export const wavesIdleSeconds = { min: 1, fallback: 60 } as const;

/** Values that client libraries send for a parameter that their caller left out. */
export const absentValues: readonly string[] = ["Ellipsis", "None", "null", "undefined", "nan"];
