import { testKey } from "../support/server.ts";
import { get, type HostileRow, json, post, request, said, speak, speech, withKey } from "./acts.ts";

const malformed = { answer: "400 malformed_request" } as const;
const notFound = { answer: "404 not_found" } as const;
const body = JSON.stringify({ text: said });
const second = `GET /v1/user HTTP/1.1\r\nhost: a\r\n\r\n`;

/** A request to speak with framing of its own. */
const framed = (headers: Readonly<Record<string, string>>, bytes: string): string =>
  `${request(`POST ${speech}`, { ...withKey, ...json, ...headers })}${bytes}`;

/** Two ways to say where a body ends, of which a proxy in front may read the other one. */
const smuggling: readonly HostileRow[] = [
  {
    name: "a length and chunks",
    send: framed({ "content-length": "6", "transfer-encoding": "chunked" }, `0\r\n\r\n${second}`),
    ...malformed,
  },
  {
    name: "chunks and a length",
    send: framed({ "transfer-encoding": "chunked", "content-length": "4" }, `0\r\n\r\n${second}`),
    ...malformed,
  },
  {
    name: "two lengths",
    send: framed({ "content-length": "0", "Content-Length": "44" }, second),
    ...malformed,
  },
  {
    name: "the same length twice",
    send: framed({ "content-length": "21", "Content-Length": "21" }, body),
    ...malformed,
  },
  {
    name: "two lengths in one header",
    send: framed({ "content-length": "0, 44" }, second),
    ...malformed,
  },
  { name: "a length with a sign", send: framed({ "content-length": "+21" }, body), ...malformed },
  { name: "a length below zero", send: framed({ "content-length": "-1" }, body), ...malformed },
  {
    name: "a length in hexadecimal",
    send: framed({ "content-length": "0x15" }, body),
    ...malformed,
  },
  {
    name: "a length of twenty figures",
    send: framed({ "content-length": "99999999999999999999" }, body),
    ...malformed,
  },
  {
    name: "chunks that are not the last encoding",
    send: framed({ "transfer-encoding": "chunked, identity" }, `0\r\n\r\n${second}`),
    ...malformed,
  },
  {
    name: "chunks by another name",
    send: framed({ "transfer-encoding": "xchunked" }, `0\r\n\r\n${second}`),
    ...malformed,
  },
  {
    name: "chunks twice",
    send: framed(
      { "transfer-encoding": "chunked", "Transfer-Encoding": "chunked" },
      `0\r\n\r\n${second}`,
    ),
    ...malformed,
  },
  {
    name: "a space before the colon",
    send: framed({ "transfer-encoding ": "chunked" }, `0\r\n\r\n${second}`),
    ...malformed,
  },
  {
    name: "a chunk size that is none",
    send: framed({ "transfer-encoding": "chunked" }, `zz\r\n${body}\r\n0\r\n\r\n`),
    ...malformed,
  },
  {
    name: "a chunk that is longer than it says",
    send: framed({ "transfer-encoding": "chunked" }, `5\r\n${body}\r\n0\r\n\r\n`),
    ...malformed,
  },
  {
    name: "a chunk extension of 20 KB",
    send: framed(
      { "transfer-encoding": "chunked" },
      `15;${"a".repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`,
    ),
    ...malformed,
  },
  {
    name: "a second request in the body of the first: it is a body",
    send: post(speech, second),
    answer: "422 json_invalid",
  },
  {
    name: "a second request behind the first, without its key",
    send: `${request("GET /health", { connection: "keep-alive" })}${get("/v1/user", {})}`,
    answer: "200, 401 needs_authorization",
  },
];

const messages: readonly HostileRow[] = [
  {
    name: "no host",
    send: `GET /v1/voices HTTP/1.1\r\nconnection: close\r\nxi-api-key: ${testKey}\r\n\r\n`,
    ...malformed,
  },
  { name: "two hosts", send: get("/v1/voices", { ...withKey, Host: "evil.test" }), ...malformed },
  { name: "a header without a name", send: get("/v1/voices", { "": "x" }), ...malformed },
  {
    name: "a header with a control character",
    send: get("/v1/voices", { "x-a": "\u0001" }),
    ...malformed,
  },
  { name: "a line feed alone", send: `GET /v1/voices HTTP/1.1\nhost: a\n\n`, ...malformed },
  { name: "no version", send: "GET /v1/voices\r\n\r\n", ...malformed },
  {
    name: "a version there is not",
    send: "GET /v1/voices HTTP/9.9\r\nhost: a\r\n\r\n",
    ...malformed,
  },
  { name: "the beginning of HTTP/2", send: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ...malformed },
  { name: "a method there is not", send: request("HACK /v1/voices"), ...malformed },
  { name: "nothing but zeros", send: "\0\0\0\0\0\0\0\0\r\n\r\n", ...malformed },
  {
    name: "the beginning of TLS",
    send: Buffer.from("16030100c8010000c40303", "hex"),
    answer: "400 tls_on_plain_port",
  },
  { name: "an address with a space", send: request("GET /v1/voi ces"), ...malformed },
  { name: "an address with a line end", send: request("GET /v1/voices\r\nx: y"), ...malformed },
  {
    name: "a tunnel",
    send: "CONNECT internal.test:5432 HTTP/1.1\r\nhost: internal.test:5432\r\n\r\n",
    answer: "405 Method Not Allowed",
  },
  { name: "a trace, which would echo the key", send: request("TRACE /v1/voices"), ...notFound },
  { name: "all addresses", send: request("PROPFIND *"), ...notFound },
  {
    name: "another server's address: it is not asked",
    send: get("http://internal.test/v1/models"),
    answer: "200",
  },
  { name: "a file", send: get("file:///etc/passwd"), ...notFound },
  {
    name: "an address of 20 KB",
    send: get(`/v1/${"a".repeat(20_000)}`),
    answer: "431 headers_too_large",
  },
  {
    name: "a voice of 2000 letters",
    send: post(`/v1/text-to-speech/${"a".repeat(2000)}`, { text: said }),
    ...notFound,
  },
  {
    name: "a header of 20 KB",
    send: get("/v1/voices", { "x-a": "a".repeat(20_000) }),
    answer: "431 headers_too_large",
  },
  {
    name: "a thousand headers of 20 bytes",
    send: get(
      "/v1/voices",
      Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`x-${at}`, "aaaaaaaaaaaa"])),
    ),
    answer: "431 headers_too_large",
  },
  {
    name: "a body of 5 MB",
    send: post(speech, "a".repeat(5_000_000)),
    answer: "413 message_too_big",
  },
  {
    name: "a body of 5 MB without a key",
    send: post(speech, "a".repeat(5_000_000), {}),
    answer: "401 needs_authorization",
  },
  {
    name: "a length of 5 MB and no body",
    send: framed({ "content-length": "5000000" }, ""),
    answer: "413 message_too_big",
  },
  {
    name: "a wish that nobody knows",
    send: speak({ ...withKey, expect: "200-maybe" }),
    answer: "200 audio",
    spoken: said.length,
  },
  {
    name: "a body behind a GET",
    send: post("/v1/models", { text: said }, withKey, "GET"),
    answer: "200",
  },
];

const types: readonly HostileRow[] = [
  {
    name: "text for JSON",
    send: speak({ ...withKey, "content-type": "text/plain" }),
    answer: "415 unsupported_media_type",
  },
  {
    name: "a form for JSON",
    send: speak({ ...withKey, "content-type": "application/x-www-form-urlencoded" }),
    answer: "415 unsupported_media_type",
  },
  {
    name: "XML for JSON",
    send: speak({ ...withKey, "content-type": "application/xml" }),
    answer: "415 unsupported_media_type",
  },
  {
    name: "a multipart form for JSON",
    send: speak({ ...withKey, "content-type": "multipart/form-data; boundary=x" }),
    answer: "415 unsupported_media_type",
  },
  {
    name: "JSON for a form",
    send: post("/v1/pronunciation-dictionaries/add-from-file", {}),
    answer: "415 form_expected",
  },
  {
    name: "a form without a boundary",
    send: post("/v1/pronunciation-dictionaries/add-from-file", "x", {
      ...withKey,
      "content-type": "multipart/form-data",
    }),
    answer: "422 form_invalid",
  },
  {
    name: "a body that is packed, to unfold at the server",
    send: speak({ ...withKey, "content-encoding": "gzip" }),
    answer: "200 audio",
    spoken: said.length,
  },
];

const jsonBombs: readonly HostileRow[] = [
  {
    name: "a hundred thousand lists in one another",
    send: post(speech, "[".repeat(100_000)),
    answer: "422 json_invalid",
  },
  {
    name: "the same, closed",
    send: post(speech, "[".repeat(100_000) + "]".repeat(100_000)),
    answer: "422 invalid_type",
  },
  {
    name: "a text inside a thousand objects",
    send: post(speech, `${'{"text":'.repeat(1000)}"a"${"}".repeat(1000)}`),
    answer: "422 invalid_type text",
  },
  {
    name: "a prototype",
    send: post(speech, `{"__proto__":{"text":"${said}","polluted":true}}`),
    answer: "422 missing text",
  },
  {
    name: "a constructor",
    send: post(speech, `{"constructor":{"prototype":{"polluted":true}},"text":"${said}"}`),
    answer: "200 audio",
    spoken: said.length,
  },
  {
    name: "a member twice: the last one counts",
    send: post(speech, `{"text":"${"a".repeat(50)}","text":"${said}"}`),
    answer: "200 audio",
    spoken: said.length,
  },
  {
    name: "a number beyond all numbers",
    send: post(speech, `{"text":"${said}","seed":1e999}`),
    answer: "422 invalid_type seed",
  },
  {
    name: "a number for a text",
    send: post(speech, `{"text":7}`),
    answer: "422 invalid_type text",
  },
  {
    name: "a list for a text",
    send: post(speech, `{"text":["${said}"]}`),
    answer: "422 invalid_type text",
  },
  { name: "null for a body", send: post(speech, "null"), answer: "422 invalid_type" },
  {
    name: "a body that is no UTF-8",
    send: post(speech, Buffer.from([0x22, 0xc0, 0xaf, 0x22])),
    answer: "422 invalid_type",
  },
  {
    name: "JSON behind a byte order mark",
    send: post(speech, `\ufeff${body}`),
    answer: "422 json_invalid",
  },
  {
    name: "JSON with a comment",
    send: post(speech, `{"text":"${said}"/**/}`),
    answer: "422 json_invalid",
  },
  {
    name: "nothing but blanks",
    send: post(speech, " ".repeat(100_000)),
    answer: "422 json_invalid",
  },
];

export const httpRows: readonly HostileRow[] = [...smuggling, ...messages, ...types, ...jsonBombs];
