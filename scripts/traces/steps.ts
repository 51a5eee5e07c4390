/**
 * What a client does after its socket is open, in order. Clients in all languages know these.
 * `until` waits for a message with these words in it, or for the end; `bytes` are hexadecimal.
 */
export type Step =
  | readonly ["send", object | string]
  | readonly ["bytes", string]
  | readonly ["wait", seconds: number]
  | readonly ["until", words: string]
  | readonly ["closed"]
  | readonly ["close", code?: number, reason?: string]
  | readonly ["terminate"]
  | readonly ["pause"]
  | readonly ["resume"]
  | readonly ["note", text: string];

export const send = (message: object | string): Step => ["send", message];
export const wait = (seconds: number): Step => ["wait", seconds];
export const audio: Step = ["until", '"audio":"'];
export const final: Step = ["until", '"isFinal":true'];
export const closed: Step = ["closed"];

/** The first message of most clients. */
export const hello: Step = send({
  text: " ",
  voice_settings: { stability: 0.5, similarity_boost: 0.8 },
});
export const say = (text: string): Step => send({ text });
export const flush = (text: string): Step => send({ text, flush: true });
export const end: Step = send({ text: "" });

/** The same for one context of `multi-stream-input`. */
export const helloIn = (id: string, settings: object = { stability: 0.5 }): Step =>
  send({ text: " ", voice_settings: settings, context_id: id });
export const sayIn = (id: string, text: string): Step =>
  send({ text, context_id: id, flush: true });
export const closeIn = (id: string): Step => send({ context_id: id, close_context: true });

const sentences = [
  "Good afternoon, and thank you for calling. ",
  "I have found your booking for the fourteenth of March. ",
  "The table by the window is yours from seven until half past nine. ",
  "If you like, I can ask the kitchen about the menu. ",
];
export const sentence = sentences[0] ?? "";
export const secondSentence = sentences[1] ?? "";
/** About a minute of speech. */
export const story: string = sentences.join("").repeat(4);

const voice = "21m00Tcm4TlvDq8ikWAM";
type Profile = "kind" | "observed";

/** Path of a `stream-input` socket that keeps to a profile. */
export const streamPath = (profile: Profile = "kind", query = ""): string =>
  `/compat/${profile}/v1/text-to-speech/${voice}/stream-input?model_id=eleven_flash_v2_5${query}`;

/** Path of a `multi-stream-input` socket that keeps to a profile. */
export const multiPath = (profile: Profile = "kind", query = ""): string =>
  `/compat/${profile}/v1/text-to-speech/${voice}/multi-stream-input?model_id=eleven_flash_v2_5&output_format=pcm_16000${query}`;

/** Path of a Waves socket. */
export const livePath = "/waves/v1/tts/live";
