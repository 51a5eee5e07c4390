import { testKey } from "../support/server.ts";
import type { Ask } from "./ask.ts";
import { badParameter, detail, type HttpRow, invalid, noSuchVoice } from "./rows-http.ts";

const key = { "xi-api-key": testKey };
const json = { ...key, "content-type": "application/json" };

const get = (path: string): Ask => ({ method: "GET", path, headers: key });
const remove = (path: string): Ask => ({ method: "DELETE", path, headers: key });
const send = (method: string, path: string, body: unknown): Ask => ({
  method,
  path,
  headers: json,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const post = (path: string, body: unknown): Ask => send("POST", path, body);

const dictionaries = "/v1/pronunciation-dictionaries";
const boundary = "----syrinx";
const formHeaders = { ...key, "content-type": `multipart/form-data; boundary=${boundary}` };

/** A form's part: a field, or with a file name a file. */
const part = (name: string, value: string, fileName?: string): string =>
  `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${
    fileName === undefined ? "" : `; filename="${fileName}"\r\ncontent-type: text/xml`
  }\r\n\r\n${value}\r\n`;
const form = (path: string, ...parts: readonly string[]): Ask => ({
  method: "POST",
  path,
  headers: formHeaders,
  body: `${parts.join("")}--${boundary}--\r\n`,
});
const upload = (...parts: readonly string[]): Ask =>
  form(`${dictionaries}/add-from-file`, ...parts);
const lexicon = (text: string): Ask => upload(part("name", "n"), part("file", text, "a.pls"));

const wrongMethod = { detail: "Method Not Allowed" };
const noItem = (id: string): unknown =>
  detail(
    "not_found",
    "history_item_not_found",
    `A history item with id '${id}' was not found. List the items with GET /v1/history; the oldest ones are dropped, and requests with enable_logging=false leave none.`,
  );
const noDictionary = (id: string): unknown =>
  detail(
    "not_found",
    "pronunciation_dictionary_not_found",
    `A pronunciation dictionary with id '${id}' was not found. List the dictionaries with GET /v1/pronunciation-dictionaries.`,
  );
const notSupported = (action: string, reason: string): unknown =>
  detail(
    "authorization_error",
    "not_supported",
    `This server cannot ${action}: ${reason}. Use what it has: GET /v1/voices lists its voices, and tts_websocket is its kind of single-use token. The hosted service does the rest.`,
  );
const badLexicon = (reason: string): unknown =>
  detail(
    "validation_error",
    "invalid_lexicon",
    `The pronunciation lexicon could not be read: ${reason}. Send a PLS 1.0 file whose lexemes each have a grapheme, and an alias or a phoneme in the alphabet ipa or cmu-arpabet.`,
    { param: "file" },
  );
const noForm = detail(
  "validation_error",
  "form_expected",
  "The body is not a form. Send it with content-type: multipart/form-data.",
);
const notJsonType = detail(
  "validation_error",
  "unsupported_media_type",
  "The body's content type is not application/json. Send JSON with content-type: application/json.",
);
const tooBig = (limit: number): unknown =>
  detail(
    "validation_error",
    "message_too_big",
    `The message is larger than ${limit} bytes. Send less at once; messages of a stream are joined exactly as sent.`,
  );
const brokenForm = invalid("form_invalid", [], "The form is broken");
const missing = (...loc: readonly string[]): unknown => invalid("missing", loc, "Field required");
const wrongType = (loc: readonly string[], expected: string, received: string): unknown =>
  invalid("invalid_type", loc, `Invalid input: expected ${expected}, received ${received}`);

/** Rows for values of one query parameter, all refused alike. */
const badQuery = (
  path: string,
  parameter: string,
  values: readonly string[],
  expected: string,
): HttpRow[] =>
  values.map((value) => ({
    name: `${path} with ${parameter}=${value}`,
    ask: get(`${path}${path.includes("?") ? "&" : "?"}${parameter}=${encodeURIComponent(value)}`),
    status: 400,
    body: badParameter(parameter, expected),
  }));

const row = (name: string, ask: Ask, status: number, body: unknown): HttpRow => ({
  name,
  ask,
  status,
  body,
});

const wrongMethods: HttpRow[] = [
  ["POST", "/v1/history", "GET"],
  ["PATCH", "/v1/history/abc", "GET, DELETE"],
  ["DELETE", "/v1/history/abc/audio", "GET"],
  ["PUT", "/v1/history/download", "POST"],
  ["POST", "/v1/user", "GET"],
  ["DELETE", "/v1/user/subscription", "GET"],
  ["POST", "/v1/usage/character-stats", "GET"],
  ["GET", "/v1/single-use-token/tts_websocket", "POST"],
  ["DELETE", "/v2/voices", "GET"],
  ["PUT", "/v1/voices/tone", "GET, DELETE"],
  ["GET", "/v1/voices/add", "POST"],
  ["GET", "/v1/voices/tone/edit", "POST"],
  ["PUT", "/v1/voices/tone/settings", "GET"],
  ["GET", "/v1/voices/tone/settings/edit", "POST"],
  ["GET", "/v1/similar-voices", "POST"],
  ["POST", "/v1/shared-voices", "GET"],
  ["POST", dictionaries, "GET"],
  ["DELETE", `${dictionaries}/abc`, "GET, PATCH"],
  ["GET", `${dictionaries}/add-from-rules`, "POST"],
  ["GET", `${dictionaries}/add-from-file`, "POST"],
  ["PUT", `${dictionaries}/abc/set-rules`, "POST"],
  ["POST", `${dictionaries}/abc/def/download`, "GET"],
].map(([method = "", path = "", allow = ""]) => ({
  name: `${method} ${path}`,
  // Node sends a body of GET and DELETE without saying so.
  ask: { method, path, headers: json, ...(method.startsWith("P") && { body: "{" }) },
  status: 405,
  body: wrongMethod,
  headers: { allow },
}));

const withoutKey: HttpRow[] = [
  get("/v1/history"),
  get("/v1/user"),
  get("/v1/usage/character-stats"),
  get(dictionaries),
  post("/v1/voices/add", {}),
  upload(),
].map((ask) => ({
  name: `${ask.method} ${ask.path} without a key`,
  ask: { ...ask, headers: { ...ask.headers, "xi-api-key": "" } },
  status: 401,
  body: detail(
    "authentication_error",
    "authentication_required",
    "Neither authorization header nor xi-api-key received, please provide one.",
    { status: "needs_authorization" },
  ),
}));

const sizes = "a number from 1 to 100";

const voices: HttpRow[] = [
  ...badQuery("/v1/voices", "show_legacy", ["2"], "true or false"),
  ...badQuery("/v2/voices", "sort", ["constructor", "Name"], "created_at_unix or name"),
  ...badQuery("/v2/voices", "sort_direction", ["up"], "asc or desc"),
  ...badQuery(
    "/v2/voices",
    "category",
    ["best"],
    "premade, cloned, generated, professional, famous or high_quality",
  ),
  ...badQuery(
    "/v2/voices",
    "voice_type",
    ["mine"],
    "personal, community, default, workspace, non-default, non-community or saved",
  ),
  ...badQuery(
    "/v2/voices",
    "fine_tuning_state",
    ["done"],
    "draft, not_verified, not_started, queued, fine_tuning, fine_tuned, failed or delayed",
  ),
  ...badQuery(
    "/v2/voices",
    "next_page_token",
    ["made-up", "0", "../..", "__proto__"],
    "the next_page_token of an earlier answer to the same search",
  ),
  ...badQuery("/v2/voices", "high_quality", ["very"], "true or false"),
  row("settings of nobody", get("/v1/voices/nobody/settings"), 404, noSuchVoice("nobody")),
  row(
    "settings for nobody",
    post("/v1/voices/nobody/settings/edit", { speed: 1 }),
    404,
    noSuchVoice("nobody"),
  ),
  row(
    "settings that are a list",
    post("/v1/voices/tone/settings/edit", []),
    422,
    wrongType([], "object", "array"),
  ),
  row(
    "settings that are nothing",
    { ...post("/v1/voices/tone/settings/edit", "") },
    422,
    missing(),
  ),
  row(
    "a speed in words",
    post("/v1/voices/tone/settings/edit", { speed: "fast" }),
    422,
    wrongType(["speed"], "number", "string"),
  ),
  row(
    "a boost that is no boolean",
    post("/v1/voices/tone/settings/edit", { use_speaker_boost: "yes" }),
    422,
    wrongType(["use_speaker_boost"], "boolean", "string"),
  ),
];

const ownVoices = "its voices are part of its engines";
const noLibrary = "it has no voice library, and shares no voices";

const unsupported: HttpRow[] = [
  row(
    "a clone",
    form("/v1/voices/add", part("name", "Me"), part("files", "RIFF", "me.wav")),
    403,
    notSupported("clone a voice", ownVoices),
  ),
  row(
    "a clone of 6 MB",
    form("/v1/voices/add", part("files", "a".repeat(6_000_000), "me.wav")),
    403,
    notSupported("clone a voice", ownVoices),
  ),
  row(
    "a clone whose form is broken",
    { method: "POST", path: "/v1/voices/add", headers: formHeaders, body: "--what" },
    403,
    notSupported("clone a voice", ownVoices),
  ),
  row(
    "a clone in JSON that is broken",
    post("/v1/voices/add", "{"),
    403,
    notSupported("clone a voice", ownVoices),
  ),
  row(
    "an edited voice",
    form("/v1/voices/tone/edit", part("name", "Me")),
    403,
    notSupported("edit a voice", ownVoices),
  ),
  row(
    "an edited voice of nobody",
    form("/v1/voices/nobody/edit", part("name", "Me")),
    404,
    noSuchVoice("nobody"),
  ),
  row("a deleted voice", remove("/v1/voices/tone"), 403, notSupported("delete a voice", ownVoices)),
  row("a deleted voice of nobody", remove("/v1/voices/nobody"), 404, noSuchVoice("nobody")),
  row(
    "a shared voice",
    post("/v1/voices/add/someone/something", { new_name: "Me" }),
    403,
    notSupported("add a shared voice", noLibrary),
  ),
  row(
    "a similar voice",
    form("/v1/similar-voices", part("audio_file", "RIFF", "me.wav")),
    403,
    notSupported("look for similar voices", noLibrary),
  ),
  ...["realtime_scribe", "batch_scribe"].map((type) =>
    row(
      `a token of type ${type}`,
      post(`/v1/single-use-token/${type}`, ""),
      403,
      notSupported(`make a token of type ${type}`, "it does not transcribe speech"),
    ),
  ),
];

const history: HttpRow[] = [
  ...badQuery("/v1/history", "page_size", ["many", "1e9", "NaN"], "a number from 1 to 1000"),
  ...badQuery(
    "/v1/history",
    "start_after_history_item_id",
    ["x", "../../../../../../etc/pwd", "a".repeat(21)],
    "the id of a history item",
  ),
  ...badQuery("/v1/history", "sort_direction", ["ASC"], "asc or desc"),
  ...badQuery("/v1/history", "date_after_unix", ["yesterday", "-1"], "a Unix time in seconds"),
  ...badQuery(
    "/v1/history",
    "date_before_unix",
    ["99999999999999999999"],
    "a Unix time in seconds",
  ),
  ...badQuery(
    "/v1/history",
    "source",
    ["tts"],
    "TTS, STS, Projects, PD, AN, Dubbing, PlayAPI, ConvAI, VoiceGeneration, InVPC, Flows or VoicePreview",
  ),
  row("an unknown item", get("/v1/history/abc"), 404, noItem("abc")),
  row("an item of every object", get("/v1/history/__proto__"), 404, noItem("__proto__")),
  row(
    "an item up the tree",
    get("/v1/history/..%2F..%2Fetc%2Fpasswd"),
    404,
    noItem("../../etc/passwd"),
  ),
  row(
    "an item with a long id",
    get(`/v1/history/${"a".repeat(100)}`),
    404,
    noItem(`${"a".repeat(64)}…`),
  ),
  row("an unknown item's audio", get("/v1/history/abc/audio"), 404, noItem("abc")),
  row("an unknown item to delete", remove("/v1/history/abc"), 404, noItem("abc")),
  row("a download of nothing", post("/v1/history/download", ""), 422, missing()),
  row("a download without ids", post("/v1/history/download", {}), 422, missing("history_item_ids")),
  row(
    "a download of no ids",
    post("/v1/history/download", { history_item_ids: [] }),
    422,
    invalid("too_small", ["history_item_ids"], "Too small: expected array to have >=1 items"),
  ),
  row(
    "a download of 101 ids",
    post("/v1/history/download", { history_item_ids: Array.from({ length: 101 }, String) }),
    422,
    invalid("too_big", ["history_item_ids"], "Too big: expected array to have <=100 items"),
  ),
  row(
    "a download of a number",
    post("/v1/history/download", { history_item_ids: [1] }),
    422,
    wrongType(["history_item_ids", "0"], "string", "number"),
  ),
  row(
    "a download of unknown ids",
    post("/v1/history/download", { history_item_ids: ["abc", "def"] }),
    404,
    noItem("abc"),
  ),
];

const name = "n";
const rule = { type: "alias", string_to_replace: "a", alias: "b" };
const create = `${dictionaries}/add-from-rules`;

const dictionaryRows: HttpRow[] = [
  ...badQuery(dictionaries, "page_size", ["many"], sizes),
  ...badQuery(dictionaries, "sort", ["id"], "creation_time_unix, created_at_unix or name"),
  ...badQuery(dictionaries, "sort_direction", ["up"], "asc, ascending, desc or descending"),
  ...badQuery(dictionaries, "include_archived", ["2"], "true or false"),
  ...badQuery(dictionaries, "cursor", ["made-up"], "the next_cursor of an earlier answer"),
  row("an unknown dictionary", get(`${dictionaries}/abc`), 404, noDictionary("abc")),
  row(
    "a dictionary of every object",
    get(`${dictionaries}/constructor`),
    404,
    noDictionary("constructor"),
  ),
  row(
    "a version of no dictionary",
    get(`${dictionaries}/abc/def/download`),
    404,
    noDictionary("abc"),
  ),
  row(
    "a name for no dictionary",
    send("PATCH", `${dictionaries}/abc`, { name }),
    404,
    noDictionary("abc"),
  ),
  row(
    "a name that is a number",
    send("PATCH", `${dictionaries}/abc`, { name: 1 }),
    422,
    wrongType(["name"], "string", "number"),
  ),
  row(
    "an archive in words",
    send("PATCH", `${dictionaries}/abc`, { archived: "yes" }),
    422,
    wrongType(["archived"], "boolean", "string"),
  ),
  ...["set-rules", "add-rules"].flatMap((action) => [
    row(
      `${action} of no dictionary`,
      post(`${dictionaries}/abc/${action}`, { rules: [] }),
      404,
      noDictionary("abc"),
    ),
    row(
      `${action} without rules`,
      post(`${dictionaries}/abc/${action}`, {}),
      422,
      missing("rules"),
    ),
  ]),
  row(
    "rules removed from no dictionary",
    post(`${dictionaries}/abc/remove-rules`, { rule_strings: [] }),
    404,
    noDictionary("abc"),
  ),
  row(
    "rules to be removed that are no strings",
    post(`${dictionaries}/abc/remove-rules`, { rule_strings: [rule] }),
    422,
    wrongType(["rule_strings", "0"], "string", "object"),
  ),
  row("rules without a name", post(create, { rules: [rule] }), 422, missing("name")),
  row(
    "rules with an empty name",
    post(create, { name: "", rules: [rule] }),
    422,
    invalid("too_small", ["name"], "Too small: expected string to have >=1 characters"),
  ),
  row(
    "a description of 2001 characters",
    post(create, { name, rules: [rule], description: "d".repeat(2001) }),
    422,
    invalid("too_big", ["description"], "Too big: expected string to have <=2000 characters"),
  ),
  row(
    "rules that are an object",
    post(create, { name, rules: {} }),
    422,
    wrongType(["rules"], "array", "object"),
  ),
  row(
    "a rule of an unknown type",
    post(create, { name, rules: [{ ...rule, type: "regex" }] }),
    422,
    invalid(
      "invalid_union",
      ["rules", "0", "type"],
      "Invalid discriminator value. Expected 'alias' | 'phoneme'",
    ),
  ),
  row(
    "a rule without an alias",
    post(create, { name, rules: [rule, { ...rule, alias: undefined }] }),
    422,
    missing("rules", "1", "alias"),
  ),
  row(
    "a rule for white space",
    post(create, { name, rules: [{ ...rule, string_to_replace: " " }] }),
    422,
    invalid("custom", ["rules", "0", "string_to_replace"], "expected more than white space"),
  ),
  row(
    "a rule for 201 characters",
    post(create, { name, rules: [{ ...rule, string_to_replace: "a".repeat(201) }] }),
    422,
    invalid(
      "too_big",
      ["rules", "0", "string_to_replace"],
      "Too big: expected string to have <=200 characters",
    ),
  ),
  row(
    "sounds in an unknown alphabet",
    post(create, {
      name,
      rules: [{ type: "phoneme", string_to_replace: "a", phoneme: "a", alphabet: "x-sampa" }],
    }),
    422,
    invalid(
      "invalid_value",
      ["rules", "0", "alphabet"],
      'Invalid option: expected one of "ipa"|"cmu-arpabet"',
    ),
  ),
  row(
    "5001 rules",
    post(create, { name, rules: Array.from({ length: 5001 }, () => rule) }),
    422,
    invalid("too_big", ["rules"], "Too big: expected array to have <=5000 items"),
  ),
  row("rules in a form", form(create, part("name", name)), 415, notJsonType),
];

const uploads: HttpRow[] = [
  row("a file in JSON", post(`${dictionaries}/add-from-file`, { name }), 415, noForm),
  row(
    "a file in nothing",
    { method: "POST", path: `${dictionaries}/add-from-file`, headers: key },
    415,
    noForm,
  ),
  row(
    "a form that names no boundary",
    {
      method: "POST",
      path: `${dictionaries}/add-from-file`,
      headers: { ...key, "content-type": "multipart/form-data" },
      body: part("name", name),
    },
    422,
    brokenForm,
  ),
  row(
    "a form that is cut off",
    {
      method: "POST",
      path: `${dictionaries}/add-from-file`,
      headers: formHeaders,
      body: part("name", name).slice(0, -10),
    },
    422,
    brokenForm,
  ),
  row(
    "a form that is none",
    {
      method: "POST",
      path: `${dictionaries}/add-from-file`,
      headers: formHeaders,
      body: "{}",
    },
    422,
    brokenForm,
  ),
  row("a form without a name", upload(part("file", "<a/>", "a.pls")), 422, missing("name")),
  row("a form without a file", upload(part("name", name)), 422, missing("file")),
  row(
    "a form with the file under another name",
    upload(part("name", name), part("files", "<a/>", "a.pls")),
    422,
    missing("file"),
  ),
  row(
    "a form with two files",
    upload(part("name", name), part("file", "<a/>", "a.pls"), part("file", "<a/>", "a.pls")),
    422,
    invalid("form_invalid", [], "The form has too many parts"),
  ),
  row(
    "a form with 21 fields",
    upload(...Array.from({ length: 21 }, (_, index) => part(`f${index}`, "x"))),
    422,
    invalid("form_invalid", [], "The form has too many parts"),
  ),
  row(
    "a form with a field of 70 KB",
    upload(part("name", "n".repeat(70_000))),
    413,
    tooBig(65_536),
  ),
  row(
    "a form with a field of every object",
    upload(part("__proto__", "x"), part("file", "<a/>", "a.pls")),
    422,
    brokenForm,
  ),
  row("a file of 300 KB", lexicon("a".repeat(300_000)), 413, tooBig(262_144)),
  row("a file that is empty", lexicon(""), 400, badLexicon("its XML is broken in line 1")),
  row(
    "a file that is broken",
    lexicon("<lexicon>\n<lexeme></lexicon>"),
    400,
    badLexicon("its XML is broken in line 2"),
  ),
  row("a file of another kind", lexicon("<html/>"), 400, badLexicon("its root is not a lexicon")),
  row("a file without lexemes", lexicon("<lexicon/>"), 400, badLexicon("it has no lexemes")),
  row(
    "a file with an entity bomb",
    lexicon(
      '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><lexicon>&b;</lexicon>',
    ),
    400,
    badLexicon("it has a document type declaration"),
  ),
];

const span = "/v1/usage/character-stats?start_unix=0&end_unix=1000";

const usage: HttpRow[] = [
  row(
    "usage without a beginning",
    get("/v1/usage/character-stats"),
    400,
    badParameter("start_unix", "given, as a Unix time in milliseconds"),
  ),
  row(
    "usage without an end",
    get("/v1/usage/character-stats?start_unix=0"),
    400,
    badParameter("end_unix", "given, as a Unix time in milliseconds"),
  ),
  row(
    "usage that ends before it begins",
    get("/v1/usage/character-stats?start_unix=5&end_unix=5"),
    400,
    badParameter("end_unix", "a moment after start_unix"),
  ),
  row(
    "usage of all time by the hour",
    get("/v1/usage/character-stats?start_unix=0&end_unix=1800000000000&aggregation_interval=hour"),
    400,
    badParameter("start_unix", "so late that there are at most 10000 buckets of time"),
  ),
  ...badQuery(
    "/v1/usage/character-stats",
    "start_unix",
    ["today", "-5", "8640000000000001"],
    "a Unix time in milliseconds",
  ),
  ...badQuery(span, "breakdown_type", ["user", "constructor"], "none, voice or model"),
  ...badQuery(
    span,
    "metric",
    ["ttfb_avg", "toString"],
    "credits, tts_characters, minutes_used or request_count",
  ),
  ...badQuery(span, "aggregation_interval", ["year"], "hour, day, week, month or cumulative"),
  ...badQuery(
    span,
    "aggregation_bucket_size",
    ["60", "3601", "0"],
    "a whole number of hours, in seconds",
  ),
];

const speech = "/v1/text-to-speech/tone";
const locators = "pronunciation_dictionary_locators";

const locatorRows: HttpRow[] = [
  row(
    "four dictionaries",
    post(speech, { text: "Hi.", [locators]: ["a", "b", "c", "d"] }),
    400,
    badParameter(locators, "a list of at most 3"),
  ),
  row(
    "dictionaries that are no list",
    post(speech, { text: "Hi.", [locators]: "a" }),
    422,
    wrongType([locators], "array", "string"),
  ),
  row(
    "a dictionary that is a number",
    post(speech, { text: "Hi.", [locators]: [1] }),
    422,
    wrongType([locators, "0"], "object", "number"),
  ),
  row(
    "a dictionary without an id",
    post(speech, { text: "Hi.", [locators]: [{ version_id: "a" }] }),
    422,
    missing(locators, "0", "pronunciation_dictionary_id"),
  ),
  row(
    "unknown dictionaries, which are skipped",
    post(speech, {
      text: "Hi.",
      [locators]: [
        "a",
        { pronunciation_dictionary_id: "b", version_id: null },
        { pronunciation_dictionary_id: "c", version_id: "d" },
      ],
    }),
    200,
    "audio",
  ),
  row(
    "logging that is neither wanted nor not",
    post(`${speech}?enable_logging=maybe`, { text: "Hi." }),
    400,
    badParameter("enable_logging", "true or false"),
  ),
];

const elsewhere: HttpRow[] = [
  "/v1/history/abc/text",
  "/v1/user/keys",
  "/v1/usage",
  `${dictionaries}/abc/download`,
  "/v1/voices/tone/samples",
  "/v1/single-use-token",
].map((path) =>
  row(
    `${path}, which is nowhere`,
    get(path),
    404,
    detail(
      "not_found",
      "not_found",
      "There is no such address here. Check the path; the routes are listed in the README.",
    ),
  ),
);

/** Wrong requests to everything around speech. */
export const restRows: readonly HttpRow[] = [
  ...wrongMethods,
  ...withoutKey,
  ...voices,
  ...unsupported,
  ...history,
  ...dictionaryRows,
  ...uploads,
  ...usage,
  ...locatorRows,
  ...elsewhere,
];
