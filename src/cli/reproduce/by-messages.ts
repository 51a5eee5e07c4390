import {
  beginning,
  closed,
  multiPath,
  openHeld,
  type ReproductionsOf,
  sending,
  sentence,
  streamInputPath,
} from "./reproduction.ts";

/** Ends of sockets that come of what their clients have sent, or have not. */
export const byMessages: ReproductionsOf<
  | "still_open"
  | "end_marker"
  | "empty_text_as_keepalive"
  | "text_after_end"
  | "no_text"
  | "close_socket"
  | "input_timeout"
  | "invalid_message"
  | "message_too_big"
  | "protocol_error"
  | "settings_changed"
  | "too_many_contexts"
  | "voice_not_found"
> = {
  still_open: {
    does: "A client opens a socket and leaves it open.",
    async run({ open }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
    },
  },
  end_marker: sending(
    'A client sends a sentence and the end marker {"text":""}.',
    streamInputPath,
    [beginning, { text: sentence }, { text: "" }],
  ),
  empty_text_as_keepalive: {
    does: 'A client that has nothing to say sends {"text":""} after 15 seconds, to keep its socket open.',
    async run({ open, clock }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
      clock.skip(15_000);
      client.send({ text: "" });
      await closed(client);
    },
  },
  text_after_end: {
    does: 'A client sends {"text":""} after a sentence, and then another sentence.',
    async run(bench) {
      const client = await openHeld(bench);
      client.send({ text: "" }, { text: "And that is not all. " });
      await client.settled();
      bench.voices.release();
      await closed(client);
    },
  },
  no_text: sending("A client begins with settings and without text.", streamInputPath, [
    { voice_settings: { stability: 0.5 } },
  ]),
  close_socket: sending(
    "A client has a sentence spoken on multi-stream-input and sends close_socket.",
    multiPath,
    [{ text: sentence, context_id: "turn" }, { close_socket: true }],
  ),
  input_timeout: {
    does: "A client sends nothing for 20 seconds.",
    async run({ open, passUntil }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
      await passUntil("the socket is closed", () => client.isClosed);
    },
  },
  invalid_message: {
    does: "A client sends a message that is not JSON.",
    async run({ open }) {
      const client = await open(streamInputPath);
      client.sendAsText(Buffer.from("Hello"));
      await closed(client);
    },
  },
  message_too_big: sending("A client sends a message of more than a megabyte.", streamInputPath, [
    beginning,
    { text: "a".repeat(1_100_000) },
  ]),
  protocol_error: {
    does: "A client sends a text frame whose bytes are not UTF-8.",
    async run({ open }) {
      const client = await open(streamInputPath);
      client.send(beginning);
      await client.settled();
      client.sendAsText(Uint8Array.of(0xff, 0xfe, 0xfd));
      await closed(client);
    },
  },
  settings_changed: sending(
    "A client of the profile observed changes the voice_settings after its first message.",
    `/compat/observed${streamInputPath}`,
    [
      { ...beginning, voice_settings: { stability: 0.5 } },
      { text: sentence, voice_settings: { stability: 0.9 } },
    ],
  ),
  too_many_contexts: sending(
    "A client of the profile observed opens six contexts on one socket.",
    `/compat/observed${multiPath}`,
    [1, 2, 3, 4, 5, 6].map((number) => ({ text: sentence, context_id: `turn ${number}` })),
  ),
  voice_not_found: sending(
    "A client opens a socket for a voice that does not exist.",
    "/v1/text-to-speech/nobody/stream-input",
    [beginning],
  ),
};
