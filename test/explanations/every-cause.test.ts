import { describe, expect, it } from "vitest";
import { reproduce } from "../../src/cli/reproduce/reproduce.ts";
import { reproductions } from "../../src/cli/reproduce/reproductions.ts";
import { type RecordedCauseId, recordedCauseIds, causeRow } from "../../src/protocol/causes.ts";

/** What is told of a connection to whoever asks. */
interface Story {
  readonly cause: string;
  readonly kind: string;
  readonly explanation: string;
  readonly advice: string;
  readonly evidence: readonly string[];
  readonly ended_by: string;
}

interface Reproduced {
  readonly seen: readonly string[];
  readonly story: Story;
  /** Everything that is told of it, as JSON and as a page. */
  readonly told: string;
}

const bring = (cause: RecordedCauseId): Promise<Reproduced | undefined> =>
  reproduce(cause, async ({ look, seen }, id) => {
    if (id === undefined) return undefined;
    const path = `/v1/connections/${id}`;
    const answers = await Promise.all([
      look(path),
      look(`${path}/timeline`),
      look(`${path}/timeline?format=html`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const [{ text }] = answers;
    const told = answers.map((answer) => answer.text).join("\n");
    return { seen: [...seen], story: JSON.parse(text) as Story, told };
  });

/** What a refusal is made for: the request itself. */
const request = /^(?:WebSocket|[A-Z]+) \/\S* with (?:a key|a single-use token|no credential)/;

/** What else has to be in the evidence: the timer, the message or the code that ended it. */
const triggers: Partial<Record<RecordedCauseId, RegExp>> = {
  still_open: /last message: blank_text/,
  end_marker: /last message: .*\bend\b/,
  empty_text_as_keepalive: /^15\.\d+ s the client's last message: .*\bend\b/,
  text_after_end: /last message: late, late_text/,
  no_text: /last message: .*\bend_implied\b/,
  close_socket: /last message: .*\bclose_socket\b/,
  client_closed: /the client ended it with 1000$/,
  client_closed_midway: /the client ended it with 1000$/,
  client_closed_with_code: /the client ended it with 4001$/,
  client_frame_limit: /the client ended it with 1009$/,
  client_ping_timeout: /the client ended it with 1011$/,
  client_lost: /without a Close frame, with 1006$/,
  peer_silent: /without a Close frame, with 1006$/,
  reader_stalled: /the client stopped taking what was sent$/,
  input_timeout: /the inactivity timer ran out: 20 s since the client's last message at/,
  token_time_over: /the token_time timer ran out: 5 s since the connection was opened at/,
  invalid_message: /last message: unreadable/,
  message_too_big: /last message: unreadable/,
  protocol_error: /the server ended it with 1007/,
  settings_changed: /last message: .*\bsettings\b/,
  too_many_contexts: /last message: text for 'turn 6'/,
  context_closed: /the context 'turn' ended: context_closed, \d+ characters$/,
  context_cancelled: /the context 'turn' ended: context_cancelled/,
  context_idle: /the inactivity timer of the context 'turn' ran out: 20 s since/,
  context_unused: /the context 'turn' ended: context_unused$/,
  request_complete: /the server ended it with 200$/,
  request_abandoned: /the client ended it$/,
  api_key_revoked: /the server ended it with 1008/,
  invalid_token: /the server ended it with 1008/,
  token_used_up: /last message: .*\bend\b/,
  voice_not_found: /the server ended it with 1008/,
  engine_failed: /the server ended it with 1011/,
  internal_error: /the server ended it with 1011/,
  records_unavailable: /the server ended it with 1013/,
  shutting_down: /the server ended it with 1001/,
  tls_on_plain_port: /^what came could not be read/,
  plain_on_tls_port: /^what came could not be read/,
  malformed_request: /^what came could not be read/,
  headers_too_large: /^what came could not be read/,
};

/** Texts that the reproductions have spoken, and what lets somebody in. */
const secrets = /Hello there|And that is not all|The tide comes|sk_[0-9a-f]{64}|sutkn_[\w-]{43}/;

describe("every cause of the catalogue can be produced, and is explained", () => {
  it("has a reproduction, and nothing else has", () => {
    expect(Object.keys(reproductions).toSorted()).toEqual(recordedCauseIds.toSorted());
  });

  it.each(recordedCauseIds)("%s", async (cause) => {
    const reproduced = await bring(cause);
    if (!reproduced) throw new Error("It left no record.");
    const { story, told, seen } = reproduced;
    const isOfContext = causeRow(cause).subject === "context";
    if (isOfContext) expect(story.evidence.join("\n")).toContain(` ended: ${cause}`);
    else expect(story.cause).toBe(cause);
    expect(story.explanation).not.toMatch(/\{\w+\}/);
    expect(story.advice).not.toMatch(/\{\w+\}/);
    expect(story.evidence.join("\n")).toMatch(new RegExp((triggers[cause] ?? request).source, "m"));
    const ends = cause === "still_open" ? [null] : ["server", "client", "network"];
    expect(ends).toContain(story.ended_by);
    expect(told).not.toMatch(secrets);
    if (cause !== "still_open") expect(seen).not.toEqual([]);
  });
});
