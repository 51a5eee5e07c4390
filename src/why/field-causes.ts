import {
  type CauseId,
  type CauseKind,
  type CauseRow,
  causeRow,
  type EndingRow,
  redactDetails,
} from "../protocol/causes.ts";
import type { Problem } from "../protocol/problems.ts";

/**
 * Causes that this server has not, or cannot see: those of the hosted services, of what lies between,
 * and of frameworks. Beside the catalogue's they are all that a log can be explained with.
 */
export const fieldCauses = {
  unusual_activity: {
    kind: "limit",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence:
      "The hosted service refuses its free tier to this address: it took it for a proxy, a VPN or one of many accounts.",
    advice:
      "Use a paid plan, or call from an address that is neither a VPN's nor a data centre's; nothing in the client helps.",
  },
  service_restart: {
    kind: "server",
    subject: "connection",
    closeCode: 1012,
    retryable: true,
    sentence: "The service was restarted or deployed anew, and closed the socket for it.",
    advice:
      "Connect again after a moment and send again what was not spoken; nothing is wrong with the client.",
  },
  format_not_in_plan: {
    kind: "limit",
    subject: "any",
    httpStatus: 403,
    retryable: false,
    sentence: "The output format is not part of the account's plan.",
    advice:
      "Ask for a format of the plan, such as output_format=pcm_24000 or mp3_44100_128, or raise the plan.",
  },
  plan_required: {
    kind: "limit",
    subject: "any",
    httpStatus: 402,
    retryable: false,
    sentence: "The voice or feature is not part of the account's plan, or the plan is not paid.",
    advice: "Use another voice or feature, or raise or pay the plan.",
  },
  proxy_idle_timeout: {
    kind: "network",
    subject: "connection",
    closeCode: 1006,
    retryable: true,
    sentence:
      "A proxy or load balancer between client and server dropped the connection, because nothing passed for as long as it allows.",
    advice:
      "Send something more often than that (a keepalive message or WebSocket pings), or raise the proxy's time-out: proxy_read_timeout of nginx, timeout tunnel of HAProxy, the idle timeout of a load balancer.",
  },
  proxy_no_upgrade: {
    kind: "network",
    subject: "connection",
    retryable: false,
    sentence:
      "A proxy or CDN answered the WebSocket handshake itself and did not pass the upgrade on to the server.",
    advice:
      "Let the proxy pass upgrades on: HTTP/1.1 to the server and the headers Upgrade and Connection (nginx: proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and Connection upgrade).",
  },
  connection_refused: {
    kind: "network",
    subject: "connection",
    retryable: true,
    sentence: "Nothing listens at that address and port.",
    advice:
      "Start the server or correct host and port; in a container 127.0.0.1 is the container itself, and a server that is to be reached from outside has to listen on 0.0.0.0.",
  },
  name_not_found: {
    kind: "network",
    subject: "connection",
    retryable: false,
    sentence: "The name of the server could not be resolved.",
    advice: "Correct the host name in the address, or the name server of the machine or container.",
  },
  certificate_not_trusted: {
    kind: "network",
    subject: "connection",
    retryable: false,
    sentence: "The client does not trust the server's certificate, so it gave the connection up.",
    advice:
      "Give the client the authority's certificate (SSL_CERT_FILE for Python, NODE_EXTRA_CA_CERTS for Node), or the server one of a public authority that names this host and has not expired.",
  },
  network_unreachable: {
    kind: "network",
    subject: "connection",
    retryable: true,
    sentence: "The server could not be reached: no answer came while connecting.",
    advice:
      "Look for a firewall, a proxy that has to be used, or a network that is down, and try the same address with curl from the same machine.",
  },
  first_audio_timeout: {
    kind: "client",
    subject: "context",
    retryable: true,
    sentence:
      "The framework gave up waiting for audio: none came within its time after the text was sent.",
    advice:
      "Look for what the server answered in that time. If nothing: flush after the last text, and do not send text that has nothing to speak in it.",
  },
  used_after_close: {
    kind: "client",
    subject: "connection",
    retryable: true,
    sentence:
      "The client wrote to a socket that was closed already; why it was closed comes before it.",
    advice:
      "Listen to the socket's close event, write its code and reason to the log, and open a new socket before anything else is sent.",
  },
  close_context_race: {
    kind: "server",
    subject: "context",
    retryable: true,
    sentence:
      "The hosted service lost the text, because close_context came within a millisecond of it.",
    advice:
      "Send the last text with flush and close_context some ten milliseconds later, or send both in one message; update the framework.",
  },
  phantom_context: {
    kind: "client",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence:
      "A keepalive or flush opened the context without voice_settings, and the settings that came later closed the socket.",
    advice:
      "Send keepalives only for contexts that were opened with their settings, and none for those that have ended.",
  },
  reconnect_loop: {
    kind: "client",
    subject: "connection",
    retryable: false,
    sentence:
      "The framework connects again and again, and each connection ends at once in the same way.",
    advice:
      "The fault is permanent: stop it, and look for what the server said to the first connection (its error message, or the close code and reason).",
  },
  wrong_vendor_parameter: {
    kind: "client",
    subject: "connection",
    retryable: false,
    sentence:
      "The idle time was asked for by the name that another vendor gives it, so it was ignored and the default held.",
    advice:
      "ElevenLabs calls it inactivity_timeout (seconds, 180 at most), Waves calls it timeout (seconds).",
  },
  session_max_age: {
    kind: "limit",
    subject: "connection",
    closeCode: 1001,
    retryable: true,
    sentence:
      "The socket had reached the greatest age that a server, proxy or pool allows, and was closed in good order.",
    advice: "Nothing is wrong: connect again, best between two turns.",
  },
  process_killed: {
    kind: "client",
    subject: "connection",
    retryable: true,
    sentence: "The client's own process was stopped, and its sockets went with it.",
    advice:
      "Look for who stopped it: a deployment, a job's end, too little memory, or the time limit of a serverless platform.",
  },
  llm_timeout: {
    kind: "limit",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence:
      "The agent's language model had no answer within 20 seconds, all attempts together, which ends the conversation; the hosted platform has no setting for it.",
    advice:
      'Stream the answer and send its first words within two seconds (buffer words: a first piece such as "Let me see... "), use a faster model or a smaller prompt, and move slow work into tools. Only the time of each attempt can be set (cascade_timeout_seconds, 15 at most).',
  },
  llm_first_content_timeout: {
    kind: "limit",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence:
      "The language model's first words came later than cascade_timeout_seconds allows, in every attempt.",
    advice:
      'Raise cascade_timeout_seconds (15 at most), or send a first piece early ("One moment... ") and stream the rest.',
  },
  custom_llm_failed: {
    kind: "server",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence:
      "The custom language model's endpoint failed: a wrong key or address, an error, or an answer that is no stream.",
    advice:
      "Send the endpoint the same request by hand (POST {url}/chat/completions with stream: true): the address must be the base only, the key good, and the answer text/event-stream.",
  },
  llm_empty_answer: {
    kind: "server",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence:
      "The language model answered with nothing, which the hosted platform takes for a failure.",
    advice:
      'Let the endpoint always answer with a word, or with "... " where nothing is to be said.',
  },
  turn_timeout: {
    kind: "limit",
    subject: "context",
    retryable: true,
    sentence:
      "The user was silent for the turn timeout (7 seconds if not set), so the agent spoke again.",
    advice:
      "Set turn_timeout of the agent (1 to 30 seconds, -1 for never), or send user_activity while the user is busy; it has nothing to do with the language model's time.",
  },
  silence_end_call: {
    kind: "limit",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The user was silent for silence_end_call_timeout, so the agent ended the call.",
    advice: "Raise silence_end_call_timeout of the agent, or turn it off with -1.",
  },
  max_duration: {
    kind: "limit",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The conversation reached max_duration_seconds (600 if not set).",
    advice: "Raise max_duration_seconds of the agent; 7200 is the most.",
  },
  transport_receive_timeout: {
    kind: "client",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence: "Nothing came from the client for 60 seconds, not even the answers to pings.",
    advice:
      "Answer each ping event with a pong event, keep sending audio (silence, too), and see that a hidden tab or a sleeping phone does not stop the client.",
  },
  tool_timeout: {
    kind: "limit",
    subject: "context",
    retryable: true,
    sentence: "A tool did not answer within its response_timeout_secs (20 if not set).",
    advice:
      "Raise response_timeout_secs of that tool, let it answer at once and work on afterwards, or have the agent speak before it is called.",
  },
  client_tool_rejected: {
    kind: "client",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence: "The platform rejected the result of a client tool and closed the conversation.",
    advice:
      "Send client_tool_result with tool_call_id, result as a string and is_error as a boolean, and answer only calls that expect a response.",
  },
  override_not_allowed: {
    kind: "client",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence: "The client overrode a field that the agent's settings do not let clients override.",
    advice:
      "Allow that field under the agent's security settings (platform_settings.overrides), or leave it out of conversation_config_override.",
  },
  missing_dynamic_variable: {
    kind: "client",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence: "The agent's texts use dynamic variables that the client did not send.",
    advice:
      "Send them in dynamic_variables of the first message, or give them placeholders in the agent's settings.",
  },
  invalid_client_message: {
    kind: "client",
    subject: "connection",
    closeCode: 1008,
    retryable: false,
    sentence: "The platform could not read a message of the client and closed the conversation.",
    advice:
      "Compare the last message before the close with the protocol: each but audio has a type, and user_audio_chunk is base64.",
  },
  agent_not_found: {
    kind: "client",
    subject: "connection",
    closeCode: 3000,
    retryable: false,
    sentence: "There is no such agent, or this client may not speak with it.",
    advice:
      "Check the agent's id and region; a private agent needs a signed URL or a conversation token, and the page's host on its allowlist.",
  },
  agent_concurrency: {
    kind: "limit",
    subject: "connection",
    closeCode: 3008,
    retryable: true,
    sentence: "More conversations are running than the account allows at the same time.",
    advice:
      "End other conversations, try again later, or have the limit raised (burst or a higher plan).",
  },
  agent_speech_failed: {
    kind: "server",
    subject: "connection",
    closeCode: 1002,
    retryable: true,
    sentence: "The platform's speech synthesis or recognition failed for this conversation.",
    advice:
      "Try again, and check that the agent's voice, model and audio formats exist and fit each other.",
  },
  agent_hung_up: {
    kind: "served",
    subject: "connection",
    closeCode: 1000,
    retryable: true,
    sentence: "The agent ended the call with its end_call tool.",
    advice: "Nothing is wrong; if it hangs up too early, say in the prompt when end_call is right.",
  },
  mcp_failed: {
    kind: "server",
    subject: "connection",
    closeCode: 1008,
    retryable: true,
    sentence: "An MCP server of the agent could not be reached, or its tool failed.",
    advice:
      "Check the MCP server's address and credentials, and that it answers from the public network.",
  },
} as const;

/** What is said of a cause of the field. */
export interface FieldCauseRow extends Omit<EndingRow, "subject"> {
  readonly kind: CauseKind;
  readonly subject: CauseRow["subject"];
}

/** The stable name of a cause that only others or the field have. */
export type FieldCauseId = keyof typeof fieldCauses;

/** The stable name of anything that a log can be explained with. */
export type WhyCauseId = CauseId | FieldCauseId;

const isFieldCause = (id: WhyCauseId): id is FieldCauseId => Object.hasOwn(fieldCauses, id);

/** The row of any cause. */
export function whyCauseRow(id: WhyCauseId): CauseRow {
  if (!isFieldCause(id)) return causeRow(id);
  const row: FieldCauseRow = fieldCauses[id];
  return row;
}

/**
 * The sentence of a cause with what is known filled in. What a log does not tell is left out, or is
 * an ellipsis where the sentence needs it.
 */
export function describeWhyCause(id: WhyCauseId, details: Problem["details"] = {}): string {
  return fillKnown(whyCauseRow(id).sentence, redactDetails(details));
}

/** Fills each `{name}` of `template`; a quoted one that is not known goes with its quotes. */
export function fillKnown(template: string, details: Problem["details"]): string {
  const value = (name: string): string | undefined =>
    Object.hasOwn(details, name) ? String(details[name]) : undefined;
  return template
    .replaceAll(/ '\{(\w+)\}'/g, (_, name: string) => {
      const known = value(name);
      return known === undefined ? "" : ` '${known}'`;
    })
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => value(name) ?? "…");
}
