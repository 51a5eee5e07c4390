import { maskedFrame } from "../support/raw-frames.ts";
import { testKey } from "../support/server.ts";
import {
  handshake,
  type Headers,
  type HostileRow,
  request,
  said,
  upgrade,
  withKey,
  withQuery,
} from "./acts.ts";

const badHandshake = { answer: "400 invalid_handshake" } as const;
const path = withQuery("");
/** A handshake with something else in it, or something missing. */
const shake = (changes: Headers, without = ""): string => {
  const headers = { ...handshake, ...withKey, ...changes };
  return request(
    `GET ${path}`,
    Object.fromEntries(Object.entries(headers).filter(([name]) => name !== without)),
  );
};

const handshakes: readonly HostileRow[] = [
  { name: "no key of the handshake", send: shake({}, "sec-websocket-key"), ...badHandshake },
  {
    name: "a short key of the handshake",
    send: shake({ "sec-websocket-key": "x" }),
    ...badHandshake,
  },
  { name: "two keys of the handshake", send: shake({ "Sec-WebSocket-Key": "x" }), ...badHandshake },
  { name: "no version of the protocol", send: shake({}, "sec-websocket-version"), ...badHandshake },
  { name: "an old version", send: shake({ "sec-websocket-version": "12" }), ...badHandshake },
  {
    name: "a version that is no number",
    send: shake({ "sec-websocket-version": "13; drop" }),
    ...badHandshake,
  },
  { name: "another protocol", send: shake({ upgrade: "h2c" }), ...badHandshake },
  {
    name: "subprotocols that are none",
    send: shake({ "sec-websocket-protocol": ",," }),
    ...badHandshake,
  },
  {
    name: "an upgrade of a POST",
    send: shake({}).replace(/^GET/, "POST"),
    answer: "405 Method Not Allowed",
  },
  {
    name: "an upgrade of nothing",
    send: shake({}).replace(path, "/v1/nothing"),
    answer: "404 not_found",
  },
  {
    name: "an upgrade of a list of voices",
    send: shake({}).replace(path, "/v1/voices"),
    answer: "400 upgrade_not_possible",
  },
  {
    name: "an upgrade without a host",
    send: shake({}).replace(/host: .*\r\n/, ""),
    answer: "400 malformed_request",
  },
  {
    name: "an upgrade with two hosts",
    send: shake({ Host: "evil.test" }),
    answer: "400 malformed_request",
  },
];

const afterUpgrade = (bytes: Buffer): Buffer => upgrade(withKey, bytes);
const protocolError = { answer: "101, 1002" } as const;
const text = (message: unknown): Buffer => maskedFrame(0x1, Buffer.from(JSON.stringify(message)));
/** A frame that says how long it is, whatever follows. */
const claiming = (bytes: bigint): Buffer => {
  const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(bytes, 2);
  return head;
};

const frames: readonly HostileRow[] = [
  {
    name: "a frame without a mask",
    send: afterUpgrade(Buffer.from([0x81, 0x02, 0x7b, 0x7d])),
    ...protocolError,
  },
  {
    name: "the first reserved bit, which would be compression",
    send: afterUpgrade(maskedFrame(0x41, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "the second reserved bit",
    send: afterUpgrade(maskedFrame(0x21, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "the third reserved bit",
    send: afterUpgrade(maskedFrame(0x11, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "an unknown opcode",
    send: afterUpgrade(maskedFrame(0x3, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "an unknown control frame",
    send: afterUpgrade(maskedFrame(0xb, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "a continuation of nothing",
    send: afterUpgrade(maskedFrame(0x0, Buffer.from("{}"))),
    ...protocolError,
  },
  {
    name: "a message inside another one",
    send: afterUpgrade(Buffer.concat([fragment(0x1, "{"), text({ text: said })])),
    ...protocolError,
  },
  { name: "a ping in pieces", send: afterUpgrade(fragment(0x9, "x")), ...protocolError },
  {
    name: "a ping of 126 bytes",
    send: afterUpgrade(maskedFrame(0x9, Buffer.alloc(126))),
    ...protocolError,
  },
  {
    name: "a close in pieces",
    send: afterUpgrade(fragment(0x8, "\u0003\u00e8")),
    ...protocolError,
  },
  {
    name: "a close of one byte",
    send: afterUpgrade(maskedFrame(0x8, Buffer.from([3]))),
    ...protocolError,
  },
  {
    name: "a close with 1005",
    send: afterUpgrade(maskedFrame(0x8, Buffer.from([3, 0xed]))),
    ...protocolError,
  },
  {
    name: "a close with 65535",
    send: afterUpgrade(maskedFrame(0x8, Buffer.from([255, 255]))),
    ...protocolError,
  },
  {
    name: "a close whose reason is no UTF-8",
    send: afterUpgrade(maskedFrame(0x8, Buffer.from([3, 0xe8, 0xc0]))),
    answer: "101, 1007",
  },
  {
    name: "a text that is no UTF-8",
    send: afterUpgrade(maskedFrame(0x1, Buffer.from([0x22, 0xc0, 0xaf, 0x22]))),
    answer: "101, 1007",
  },
  {
    name: "half a surrogate in UTF-8",
    send: afterUpgrade(maskedFrame(0x1, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))),
    answer: "101, 1007",
  },
  {
    name: "a frame that says it has 5 MB",
    send: afterUpgrade(claiming(5_000_000n)),
    answer: "101, message_too_big, 1009",
  },
  {
    name: "a frame that says it has 2^53 bytes",
    send: afterUpgrade(claiming(2n ** 53n)),
    answer: "101, message_too_big, 1009",
  },
  {
    name: "a frame that says it has 2^63 bytes",
    send: afterUpgrade(claiming(2n ** 63n)),
    answer: "101, message_too_big, 1009",
  },
  {
    name: "a message that is not JSON",
    send: afterUpgrade(maskedFrame(0x1, Buffer.from("hello"))),
    answer: "101, invalid_input_message, 1008",
  },
  {
    name: "a message of ten thousand lists",
    send: afterUpgrade(maskedFrame(0x1, Buffer.from("[".repeat(10_000)))),
    answer: "101, invalid_input_message, 1008",
  },
  {
    name: "a text that only a prototype has: it is none, and so the end",
    send: afterUpgrade(maskedFrame(0x1, Buffer.from('{"__proto__":{"text":"x"}}'))),
    answer: "101, final, 1000",
  },
  {
    name: "a binary message that is not JSON",
    send: afterUpgrade(maskedFrame(0x2, Buffer.from([0, 1, 2]))),
    answer: "101, invalid_input_message, 1008",
  },
  {
    name: "a path that is encoded all over: the same path",
    send: upgrade(
      withKey,
      maskedFrame(0x8, Buffer.from([3, 0xe8])),
      path.replace("/v1/", "/%76%31/"),
    ),
    answer: "101, 1000",
  },
  {
    name: "no message, and a close",
    send: afterUpgrade(maskedFrame(0x8, Buffer.from([3, 0xe8]))),
    answer: "101, 1000",
  },
  {
    name: "words, but no key, in front of a good key",
    send: upgrade({}, [{ text: said }, { text: said, xi_api_key: testKey }]),
    answer: "101, authentication_required, 1008",
  },
];

/** A frame that is not the last one of its message. */
function fragment(opcode: number, payload: string): Buffer {
  const frame = maskedFrame(opcode, Buffer.from(payload, "latin1"));
  frame[0] = opcode;
  return frame;
}

export const socketRows: readonly HostileRow[] = [...handshakes, ...frames];
