import { testKey } from "../support/server.ts";
import { get, type HostileRow, post, said, speech, upgrade, withQuery } from "./acts.ts";

const notFound = { answer: "404 not_found" } as const;

/** Ways to spell what leads out of a folder, each as one part of a path. */
const climbs: Readonly<Record<string, string>> = {
  "two dots": "..",
  "two dots, encoded": "%2e%2e",
  "two dots and a slash, encoded": "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "a slash, encoded": "..%2f..%2fetc%2fpasswd",
  "a slash, encoded twice": "..%252f..%252fetc%252fpasswd",
  backslashes: "..\\..\\etc\\passwd",
  "backslashes, encoded": "..%5c..%5cetc%5cpasswd",
  "an absolute path": "%2fetc%2fpasswd",
  "a drive": "C:%5cwindows%5cwin.ini",
  "a NUL": "tone%00.json",
  "dots of too many bytes": "%c0%ae%c0%ae%c0%afetc",
  "dots in full width": "%EF%BC%8E%EF%BC%8E%EF%BC%8Fetc",
  "four dots": "....%2f%2fetc",
  "a parameter": "..;%2fetc",
  "a percent sign alone": "%",
};

/** What a router does with such a part: it is gone, or is no UTF-8, and so there is no such address. */
const unroutable: ReadonlySet<string> = new Set(["dots of too many bytes", "a percent sign alone"]);

const traversal: readonly HostileRow[] = Object.entries(climbs).flatMap(([name, part]) => {
  const answer = (code: string): string => (unroutable.has(name) ? "404 not_found" : `404 ${code}`);
  const encoded = part.replaceAll("\\", "%5c");
  return [
    {
      name: `a voice by ${name}`,
      send: get(`/v1/voices/${encoded}`),
      answer: answer("voice_not_found"),
    },
    {
      name: `speech by a voice by ${name}`,
      send: post(`/v1/text-to-speech/${encoded}`, { text: said }),
      answer: answer("voice_not_found"),
    },
    {
      name: `a turn's sound by ${name}`,
      send: get(`/v1/history/${encoded}/audio`),
      answer: answer("history_item_not_found"),
    },
    {
      name: `a dictionary by ${name}`,
      send: get(`/v1/pronunciation-dictionaries/${encoded}`),
      answer: answer("pronunciation_dictionary_not_found"),
    },
  ];
});

const files: readonly HostileRow[] = [
  { name: "the database", send: get("/data/syrinx.db"), ...notFound },
  { name: "the settings", send: get("/syrinx.config.json"), ...notFound },
  { name: "a file beside the routes", send: get("/v1/../../package.json"), ...notFound },
  { name: "the same below a profile", send: get("/compat/kind/../../package.json"), ...notFound },
  {
    name: "a dictionary by a URL",
    send: get("/v1/pronunciation-dictionaries/http:%2f%2finternal.test"),
    answer: "404 pronunciation_dictionary_not_found",
  },
];

/** What would end a text of SQL and go on. */
const injections = [
  "' OR 1=1 --",
  "'; DROP TABLE keys; --",
  "\\'; SELECT 1",
  "1) UNION SELECT hash FROM key_secrets --",
  "%' OR '%'='",
];

const enc = encodeURIComponent;

/** Every place that takes a text which is looked up or kept. */
const sql: readonly HostileRow[] = injections.flatMap((text, at) => {
  const n = at + 1;
  return [
    {
      name: `SQL ${n} for a voice`,
      send: get(`/v1/voices/${enc(text)}`),
      answer: "404 voice_not_found",
    },
    {
      name: `SQL ${n} for a voice to speak with`,
      send: post(`/v1/text-to-speech/${enc(text)}`, { text: said }),
      answer: "404 voice_not_found",
    },
    {
      name: `SQL ${n} for a voice of a socket`,
      send: upgrade(
        { "xi-api-key": testKey },
        [{ text: said }],
        `/v1/text-to-speech/${enc(text)}/stream-input`,
      ),
      answer: "101, voice_id_does_not_exist, 1008",
    },
    {
      name: `SQL ${n} for a model`,
      send: post(speech, { text: said, model_id: text }),
      answer: "400 model_not_found",
    },
    {
      name: `SQL ${n} for a turn`,
      send: get(`/v1/history/${enc(text)}`),
      answer: "404 history_item_not_found",
    },
    {
      name: `SQL ${n} for a turn to delete`,
      send: get(`/v1/history/${enc(text)}`).replace(/^GET/, "DELETE"),
      answer: "404 history_item_not_found",
    },
    {
      name: `SQL ${n} to search the history for`,
      send: get(`/v1/history?search=${enc(text)}`),
      answer: "200 history of 0",
    },
    {
      name: `SQL ${n} for the voice of the history`,
      send: get(`/v1/history?voice_id=${enc(text)}`),
      answer: "200 history of 0",
    },
    {
      name: `SQL ${n} for the model of the history`,
      send: get(`/v1/history?model_id=${enc(text)}`),
      answer: "200 history of 0",
    },
    {
      name: `SQL ${n} for where the history goes on`,
      send: get(`/v1/history?start_after_history_item_id=${enc(text)}`),
      answer: "400 invalid_parameters",
    },
    {
      name: `SQL ${n} for a dictionary`,
      send: get(`/v1/pronunciation-dictionaries/${enc(text)}`),
      answer: "404 pronunciation_dictionary_not_found",
    },
    {
      name: `SQL ${n} for where the dictionaries go on`,
      send: get(`/v1/pronunciation-dictionaries?cursor=${enc(text)}`),
      answer: "400 invalid_parameters",
    },
    {
      name: `SQL ${n} for a dictionary to speak with`,
      send: post(speech, {
        text: said,
        pronunciation_dictionary_locators: [
          { pronunciation_dictionary_id: text, version_id: text },
        ],
      }),
      answer: "200 audio",
      spoken: said.length,
    },
    {
      name: `SQL ${n} for a token`,
      send: upgrade({}, [], withQuery(`single_use_token=${enc(text)}`)),
      answer: "101, invalid_token, 1008",
    },
    {
      name: `SQL ${n} to be spoken`,
      send: post(speech, { text }),
      answer: "200 audio",
      spoken: text.length,
    },
    {
      name: `SQL ${n} for a page size`,
      send: get(`/v1/history?page_size=${enc(text)}`),
      answer: "400 invalid_parameters",
    },
    {
      name: `SQL ${n} for how usage is broken down`,
      send: get(`/v1/usage/character-stats?start_unix=0&end_unix=1000&breakdown_type=${enc(text)}`),
      answer: "400 invalid_parameters",
    },
  ];
});

/** What would be a header, or a line of the log, if it were written as it is. */
const lineEnds: readonly HostileRow[] = [
  {
    name: "line ends in a voice's name",
    send: get(`/v1/voices/${enc("x\r\nset-cookie: a=b")}`),
    answer: "404 voice_not_found",
  },
  {
    name: "line ends in a format's name",
    send: post(`/v1/text-to-speech/tone?output_format=${enc("x\r\nset-cookie: a=b")}`, {
      text: said,
    }),
    answer: "403 invalid_output_format",
  },
  {
    name: "line ends in a model's name",
    send: upgrade(
      { "xi-api-key": testKey },
      [],
      withQuery(`model_id=${enc("x\r\nset-cookie: a=b")}`),
    ),
    answer: "400 model_not_found",
  },
  {
    name: "line ends in an origin",
    send: get("/health", { origin: "http://a%0d%0aset-cookie: a=b" }),
    answer: "200",
  },
];

export const fieldRows: readonly HostileRow[] = [...traversal, ...files, ...sql, ...lineEnds];
