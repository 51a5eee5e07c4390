import { textFrames } from "../support/raw-frames.ts";
import { testKey } from "../support/server.ts";

/** One hostile act, and all that comes of it, as `describeExchange` tells it. */
export interface HostileRow {
  readonly name: string;
  readonly send: string | Buffer;
  readonly answer: string;
  /** Characters that are rightly spoken, and so charged for. */
  readonly spoken?: number;
}

export type Headers = Readonly<Record<string, string>>;

/** Secrets of keys that were good once, or are somewhere else. */
export const deadKeys = {
  expired: "sk_expired_00112233445566778899aabbccddeeff",
  revoked: "sk_revoked_00112233445566778899aabbccddeeff",
  replaced: "sk_replaced_0112233445566778899aabbccddeeff",
  elsewhere: "sk_elsewhere_112233445566778899aabbccddeeff",
} as const;

/** A key that may do nothing but speak. */
export const speakingKey = "sk_speaking_0112233445566778899aabbccddeeff";
/** A key that was never given out. */
export const wrongKey = "sk_wrong_00112233445566778899aabbccddeeff00";

export const withKey: Headers = { "xi-api-key": testKey };
export const json: Headers = { "content-type": "application/json" };
export const speech = "/v1/text-to-speech/tone?output_format=pcm_16000";
/** Eight characters. */
export const said = "Good day";

const lines = (headers: Headers): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");

let clients = 0;
/** Another address each time, of a network that is for measurements (RFC 2544). */
function nextAddress(): string {
  clients += 1;
  return `198.18.${clients >> 8}.${clients & 0xff}`;
}

/** A request without a body, of a client of its own; the connection ends with its answer. */
export function request(line: string, headers: Headers = withKey): string {
  const usual = { host: "127.0.0.1", connection: "close", "x-forwarded-for": nextAddress() };
  return `${line} HTTP/1.1\r\n${lines({ ...usual, ...headers })}\r\n`;
}

export const get = (path: string, headers: Headers = withKey): string =>
  request(`GET ${path}`, headers);

/** A request with a body, by default of JSON. */
export function post(
  path: string,
  body: unknown,
  headers: Headers = withKey,
  method = "POST",
): Buffer {
  const bytes =
    typeof body === "string" || Buffer.isBuffer(body)
      ? Buffer.from(body)
      : Buffer.from(JSON.stringify(body));
  const length = { "content-length": String(bytes.length) };
  return Buffer.concat([
    Buffer.from(request(`${method} ${path}`, { ...json, ...headers, ...length }), "latin1"),
    bytes,
  ]);
}

/** A request to speak. */
export const speak = (headers: Headers): Buffer => post(speech, { text: said }, headers);

const socketPath = "/v1/text-to-speech/tone/stream-input?output_format=pcm_16000";

export const handshake: Headers = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** An upgrade, and messages or the bytes of frames right behind it. */
export function upgrade(
  headers: Headers,
  sent: readonly object[] | Buffer = [],
  path: string = socketPath,
): Buffer {
  const head = request(`GET ${path}`, { ...handshake, ...headers });
  const frames = Buffer.isBuffer(sent) ? sent : textFrames(...sent);
  return Buffer.concat([Buffer.from(head, "latin1"), frames]);
}

/** The same with more in the query. */
export const withQuery = (query: string): string =>
  query === "" ? socketPath : `${socketPath}&${query}`;
