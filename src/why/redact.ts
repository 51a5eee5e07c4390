const hidden = "[hidden]";

/** Names whose values are secret, wherever they stand: headers, members of JSON, queries, settings. */
const secretNames = String.raw`[\w-]*(?:api[-_]?key|token|authorization|secret|signature|password|passwd|cookie)`;

/** A name, what stands between, and the value; quotes may be escaped, as in JSON within JSON. */
const namedSecret = new RegExp(
  String.raw`(${secretNames}(?:\\*["'])?\s*(?:[:=]|%3D|%3A)\s*(?:b?\\*["'])?)(?:(?:Bearer|Basic|Token)(?:\s|\+|%20)+)?([^\s"'\\&,;)}\]]+)`,
  "gi",
);
/** Names that look so, with values that are none. */
const harmlessValue = /^(?:none|null|undefined|true|false|\d{1,6}|\[hidden\]|)$/i;

const bearer = /\b(Bearer|Basic)(?:\s|\+|%20)+[\w.~+/=-]{6,}/gi;
const vendorKey = /sk[-_][\w-]{8,}/g;
const webToken = /eyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g;
/** Keys without a prefix, hashes and audio; not ids with groups of hexadecimal digits. */
const longRun = /[\w+-]{32,}=*/g;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const looksRandom = (run: string): boolean => /\d/.test(run) || run.length >= 48;

/** Name and password in an address (RFC 3986 section 3.2.1). */
const userInfo = /(\b\w+:\/\/)[^\s/@"']+@/g;
/** What people write behind these words. */
const spokenKey = /(\bapi[-_ ]?key(?:\s+is)?\s*[:=]?\s*["']?)(?=[^\s"']*\d)([^\s"',;]{6,})/gi;

/** The text without anything that may be a credential. */
export function withoutKeys(text: string): string {
  return text
    .replaceAll(userInfo, `$1${hidden}@`)
    .replaceAll(spokenKey, `$1${hidden}`)
    .replaceAll(namedSecret, (whole, before: string, value: string) =>
      harmlessValue.test(value) ? whole : `${before}${hidden}`,
    )
    .replaceAll(bearer, `$1 ${hidden}`)
    .replaceAll(webToken, hidden)
    .replaceAll(vendorKey, (key) => (looksRandom(key) || key.length >= 24 ? hidden : key))
    .replaceAll(longRun, (run) => (!uuid.test(run) && looksRandom(run) ? hidden : run));
}

/** The same of an address, whose beginning says enough. */
export const addressWithoutKeys = (url: string): string => withoutKeys(url.slice(0, maxReadChars));

/** What is spoken or heard: members of messages, and what frameworks print between brackets. */
const spokenMember =
  /((?:["']?\b(?:text|content|transcript|user_transcript|agent_response|first_message|prompt|result)["']?)\s*[:=]\s*)(["'`])((?:\\.|(?!\2)[^\\])*)(\2|$)/g;
const spokenInBrackets = /(Generating TTS:? \[)([^\]]*)(\]|$)/g;
const audioMember =
  /(["']?(?:audio|audio_base_64|audio_base64|user_audio_chunk)["']?\s*:\s*)(["'])[^"']{12,}(?:\2|$)/g;

/** What only speech is in: a text or content may as well be an error's. */
const speechMember =
  /((?:["']?\b(?:transcript|user_transcript|agent_response|first_message)["']?)\s*[:=]\s*)(["'`])((?:\\.|(?!\2)[^\\])*)(\2|$)/g;
/** The same of loggers that write members as `name=value`. */
const spokenWord =
  /\b(user_transcript|transcript|agent_response|tts_text|llm_response)=[^]*?(?=\s[\w.]+=|$)/g;

/** A text without what was spoken or heard in it, which tells nothing of the connection. */
export function withoutSpeech(text: string): string {
  return text
    .replaceAll(speechMember, "$1$2…$2")
    .replaceAll(spokenInBrackets, "$1…]")
    .replaceAll(spokenWord, "$1=…");
}

const maxSpokenChars = 24;
const maxQuoteChars = 200;

const shorten = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars).trimEnd()}…`;

/** A line as evidence quotes it: no keys, little of what was said, a line or two of a terminal. */
export function quote(line: string): string {
  const safe = withoutKeys(line.slice(0, maxReadChars))
    .replaceAll(audioMember, '$1"…"')
    .replaceAll(
      spokenMember,
      (_, before: string, mark: string, spoken: string) =>
        `${before}${mark}${shorten(spoken, maxSpokenChars)}${mark}`,
    )
    .replaceAll(
      spokenInBrackets,
      (_, before: string, spoken: string) => `${before}${shorten(spoken, maxSpokenChars)}]`,
    );
  return shorten(safe.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim(), maxQuoteChars);
}

/** More than a quote shows is not looked at. */
const maxReadChars = 4000;
