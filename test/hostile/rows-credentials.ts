import { testKey } from "../support/server.ts";
import {
  deadKeys,
  get,
  type Headers,
  type HostileRow,
  json,
  post,
  request,
  said,
  speak,
  speakingKey,
  speech,
  upgrade,
  withQuery,
  wrongKey,
} from "./acts.ts";

const characters = said.length;
const good = { answer: "200 audio", spoken: characters } as const;
const badKey = { answer: "401 invalid_api_key" } as const;
const noKey = { answer: "401 needs_authorization" } as const;

/** What may be shown in one place: nothing, a good key, a bad one. */
const shown = [undefined, testKey, wrongKey] as const;
type Shown = (typeof shown)[number];

const nameOf = (key: Shown): string =>
  key === undefined ? "no key" : key === testKey ? "a good key" : "a bad key";

/** The first one that is shown decides, wherever the others are. */
const firstOf = (...keys: readonly Shown[]): Shown => keys.find((key) => key !== undefined);

const inHeader = (key: Shown): Headers => (key === undefined ? {} : { "xi-api-key": key });
const asBearer = (key: Shown): Headers =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };

/** Keys in both headers, in the query, where HTTP has none, and in the body, where it has none either. */
const httpConfusion: readonly HostileRow[] = shown.flatMap((header) =>
  shown.flatMap((bearer) => {
    const decides = firstOf(header, bearer);
    const outcome = decides === undefined ? noKey : decides === testKey ? good : badKey;
    const name = `${nameOf(header)} as xi-api-key, ${nameOf(bearer)} as Bearer`;
    const path = `${speech}&authorization=${testKey}&xi_api_key=${testKey}`;
    const body = { text: said, xi_api_key: testKey, authorization: testKey };
    return [
      { name, send: speak({ ...inHeader(header), ...asBearer(bearer) }), ...outcome },
      {
        name: `${name}, good ones where none belong`,
        send: post(path, body, { ...inHeader(header), ...asBearer(bearer) }),
        ...outcome,
      },
    ];
  }),
);

const socketOutcome = (decides: Shown): Pick<HostileRow, "answer" | "spoken"> => {
  if (decides === undefined) return { answer: "101, authentication_required, 1008" };
  if (decides === wrongKey) return { answer: "101, invalid_api_key, 1008" };
  return { answer: "101, audio, final, 1000", spoken: characters };
};

/** All that header, Authorization, query and first message may say together. */
const socketConfusion: readonly HostileRow[] = shown.flatMap((header) =>
  shown.flatMap((bearer) =>
    shown.flatMap((query) =>
      shown.map((message) => ({
        name: `socket: ${nameOf(header)}, Bearer: ${nameOf(bearer)}, query: ${nameOf(query)}, message: ${nameOf(message)}`,
        send: upgrade(
          { ...inHeader(header), ...asBearer(bearer) },
          [{ text: said, ...(message && { xi_api_key: message }) }, { text: "" }],
          withQuery(query === undefined ? "" : `authorization=${query}`),
        ),
        ...socketOutcome(firstOf(header, bearer, query, message)),
      })),
    ),
  ),
);

/** Whatever is wrong with a key, the answer is the same. */
const wrongKeys: Readonly<Record<string, string>> = {
  ...deadKeys,
  unknown: wrongKey,
  "one letter too short": testKey.slice(0, -1),
  "one letter too long": `${testKey}0`,
  "in capitals": testKey.toUpperCase(),
  "with another prefix": testKey.replace("sk_", "pk_"),
  "of 8 KB": "k".repeat(8000),
  "with SQL": "' or '1'='1",
  "with a percent sign": "%",
  "a member of every object": "__proto__",
  JSON: '{"$ne":null}',
  "not ASCII": "sk_\u00e9\u00fc\u00ff",
};

const sorts: readonly HostileRow[] = Object.entries(wrongKeys).flatMap(([name, key]) => [
  { name: `a key that is ${name}`, send: speak({ "xi-api-key": key }), ...badKey },
  {
    name: `a socket with a key that is ${name}`,
    send: upgrade({ "xi-api-key": key }),
    answer: "101, invalid_api_key, 1008",
  },
]);

const others: readonly HostileRow[] = [
  {
    name: "a good key twice in two headers of one name",
    send: request(`GET /v1/voices`, { "xi-api-key": testKey, "Xi-Api-Key": testKey }),
    ...badKey,
  },
  {
    name: "a good key behind a bad one in two headers of one name",
    send: request(`GET /v1/voices`, { "xi-api-key": wrongKey, "Xi-Api-Key": testKey }),
    ...badKey,
  },
  {
    name: "two Bearers: the first one counts",
    send: speak({ authorization: `Bearer ${wrongKey}`, Authorization: `Bearer ${testKey}` }),
    ...badKey,
  },
  { name: "a key as Basic", send: speak({ authorization: `Basic ${testKey}` }), ...badKey },
  { name: "a key as a cookie", send: speak({ cookie: `xi-api-key=${testKey}` }), ...noKey },
  {
    name: "a key of a proxy",
    send: speak({ "proxy-authorization": `Bearer ${testKey}` }),
    ...noKey,
  },
  {
    name: "a key folded into the next line",
    send: speak({ "x-other": `a\r\n xi-api-key: ${testKey}` }),
    answer: "400 malformed_request",
  },
  {
    name: "a header that ends early",
    send: speak({ "xi-api-key": `${wrongKey}\r\nxi-api-key: ${testKey}` }),
    ...badKey,
  },
  {
    name: "a NUL behind the key",
    send: speak({ "xi-api-key": `${testKey}\0` }),
    answer: "400 malformed_request",
  },
  { name: "a good key in a trailer", send: trailer(), ...noKey },
  { name: "no key, to make one", send: post("/v1/admin/keys", { name: "mine" }, {}), ...noKey },
  {
    name: "a key that may only speak, and asks for keys",
    send: get("/v1/admin/keys", { "xi-api-key": speakingKey }),
    answer: "401 missing_permissions",
  },
  {
    name: "a key that may only speak, and makes one that may do more",
    send: post(
      "/v1/admin/keys",
      { name: "mine", scopes: ["admin"] },
      { "xi-api-key": speakingKey },
    ),
    answer: "401 missing_permissions",
  },
  {
    name: "a key that may only speak, and asks for history",
    send: get("/v1/history", { "xi-api-key": speakingKey }),
    answer: "401 missing_permissions",
  },
  {
    name: "a key that may only speak, and does",
    send: speak({ "xi-api-key": speakingKey }),
    ...good,
  },
  {
    name: "another method in a header",
    send: post("/v1/history/x", "", {
      "xi-api-key": speakingKey,
      "x-http-method-override": "DELETE",
    }),
    answer: "405 Method Not Allowed",
  },
  {
    name: "another address in a header",
    send: get("/health", { "x-original-url": "/v1/history", "x-rewrite-url": "/v1/history" }),
    answer: "200",
  },
  {
    name: "an unknown voice and a bad key: nothing is told of voices",
    send: post("/v1/text-to-speech/nobody", { text: said }, { "xi-api-key": wrongKey }),
    ...badKey,
  },
  {
    name: "an unknown voice and no key",
    send: post("/v1/text-to-speech/nobody", { text: said }, {}),
    ...noKey,
  },
  {
    name: "a socket with an unknown voice and a bad key",
    send: upgrade({ "xi-api-key": wrongKey }, [], "/v1/text-to-speech/nobody/stream-input"),
    answer: "101, invalid_api_key, 1008",
  },
  {
    name: "a socket with an unknown voice and no key",
    send: upgrade({}, [{ text: said }], "/v1/text-to-speech/nobody/stream-input"),
    answer: "101, authentication_required, 1008",
  },
  {
    name: "a socket that asks to know about a voice, and shows no key",
    send: upgrade({}, [{ text: said }], withQuery("ext=1&unknown=1")),
    answer: "101, authentication_required, frame, 1008",
  },
  {
    name: "a key in the second message",
    send: upgrade({}, [{ text: " " }, { text: said, xi_api_key: testKey }]),
    answer: "101, authentication_required, 1008",
  },
  {
    name: "a token that nobody minted, beside a bad key: the key decides",
    send: upgrade({ "xi-api-key": wrongKey }, [], withQuery("single_use_token=made-up")),
    answer: "101, invalid_api_key, 1008",
  },
  {
    name: "a token that nobody minted",
    send: upgrade({}, [], withQuery("single_use_token=made-up")),
    answer: "101, invalid_token, 1008",
  },
  {
    name: "a token over HTTP",
    send: post(`${speech}&single_use_token=made-up`, { text: said }, {}),
    ...noKey,
  },
  {
    name: "a token for a key",
    send: speak({ "xi-api-key": "sutkn_made-up" }),
    ...badKey,
  },
  {
    name: "Waves: a bad key and a good one in the query",
    send: post(
      `/waves/v1/tts?token=${testKey}`,
      { text: said, voice_id: "tone" },
      { authorization: `Bearer ${wrongKey}` },
    ),
    answer: "401 unauthorized",
  },
  {
    name: "Waves: a socket with a bad key in the header and a good one in the query",
    send: upgrade(
      { authorization: `Bearer ${wrongKey}` },
      [],
      `/waves/v1/tts/live?token=${testKey}`,
    ),
    answer: "401 unauthorized",
  },
];

/** Headers behind a body, which are never taken for headers (RFC 9110 section 6.5.1). */
function trailer(): string {
  const head = request(`POST ${speech}`, {
    ...json,
    "transfer-encoding": "chunked",
    trailer: "xi-api-key",
  });
  return `${head}2\r\n{}\r\n0\r\nxi-api-key: ${testKey}\r\n\r\n`;
}

export const credentialRows: readonly HostileRow[] = [
  ...httpConfusion,
  ...socketConfusion,
  ...sorts,
  ...others,
];
