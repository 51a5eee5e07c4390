import type { Section, Statement } from "./statements.ts";

const rows: readonly (readonly [section: Section, texts: readonly string[]])[] = [
  [
    "WA",
    [
      "open its socket below `/waves/v1` and `/api/v1` for a valid bearer key",
      "open the older routes of models too",
      "refuse a missing or wrong key with 401 in place of the upgrade, in JSON",
      "take the key from `token` in the query",
      "ignore query parameters and headers it does not know",
      "answer pings, and a close within 2 s also while it speaks",
    ],
  ],
  [
    "WB",
    [
      "send the error frame after `timeout` seconds of silence, then close with 1000",
      "take a `timeout` of 20 and of 60",
      "take a `timeout` above 60",
      "take the default for a `timeout` that is no positive number",
      "wait 60 s without a `timeout`",
      "take a blank text for a keepalive, and say nothing",
      "not time out while it speaks, and count from `complete`",
      "count a message it cannot read as a sign of life",
    ],
  ],
  [
    "WC",
    [
      "answer a request with chunks, then one `complete`",
      "name session and request in every chunk, with whole samples",
      "send `status`, `done` and `message` in `complete`, and no `data`",
      "send as many samples as asked for, at each rate, without a header",
      "send the client's ids back, and only if there are some",
      "keep the socket open for a second request, with a new `request_id`",
      "speak requests in their order and tell one `complete` after the last",
      "cut a long text and send its first chunk early",
      "let voice, rate and speed change between requests",
    ],
  ],
  [
    "WD",
    [
      "speak tokens with `continue` as one request with one `complete`",
      "release text after `max_buffer_flush_ms`, still with one `complete`",
      "release at once for `flush` with `continue`, without a `complete`",
      "answer a closing flush without text with `complete` alone",
      "send one `complete` when all was released before the end",
      "send `complete` at once after an explicit end, and after `complete_backoff_ms` if that is given",
      "hold a `complete` back when another request comes in time",
      "ignore a lone flush on an idle socket",
      "never let a client wait 9 s for the next frame",
    ],
  ],
  [
    "WE",
    [
      "send each word as it was sent, with an id and times that do not decrease",
      "count times from each request, and through all of a run",
      "send no words without `word_timestamps`",
    ],
  ],
  [
    "WF",
    [
      "end each piece of a context with a `complete`, and keep the socket open",
      "refuse `context_id` with `flush`",
      "release an unfinished sentence `max_buffer_delay_ms` after its first text",
      "drop what is buffered on `cancel_request`, and take new text after it",
      "close a context without a frame when nothing is buffered",
      "not be silent for 0.5 s while a context is owed audio",
    ],
  ],
  [
    "WG",
    [
      "answer an unknown voice with an error frame about `voice_id`, and go on",
      "answer `output_format: mulaw` with `invalid_enum_value`, on the socket and over HTTP",
      "answer each message it cannot read with an error frame, and go on",
      "tell a failure of the engine without a `complete`, and go on",
      "send an error frame before it closes a socket for a fault",
    ],
  ],
  [
    "WH",
    [
      "answer `/tts` with samples, or with a file for `wav`, whatever `Accept` says",
      "answer `/tts/live` with events and the one that ends them",
      "list voices with the members clients read, for both spellings of a model",
      "answer over the concurrency limit with 429, or with an error frame on a socket",
    ],
  ],
  [
    "WI",
    [
      "serve the Python SDK's socket client, in one message and in many",
      "serve LiveKit's plugin: two utterances on one socket, with words",
      "serve Pipecat: speech, an interruption, 90 s of silence",
    ],
  ],
];

/** What clients of the Waves protocol hold the server to, in the order of the numbers. */
export const wavesStatements: readonly Statement[] = rows
  .flatMap(([section, texts]) => texts.map((text) => ({ section, text })))
  .map((row, index) => ({ id: `W${index + 1}`, level: "must", ...row }));
