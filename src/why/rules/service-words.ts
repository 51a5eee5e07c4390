import type { WordsRow } from "./words-row.ts";

/** What servers of speech say, ours too. The first row that fits a text is what it says. */
export const serviceWords: readonly WordsRow[] = [
  {
    cause: "too_many_contexts",
    words:
      /max_active_conversations|Maximum simultaneous contexts per WebSocket connection exceeded(?: \((?<limit>\d+)\))?|Maximum simultaneous con\.\.\.|too_many_contexts|at most (?<limit2>\d+) contexts of one connection/i,
  },
  {
    cause: "settings_changed",
    words: /voice_settings field mus|settings_changed\b|was given other voice_settings/i,
  },
  {
    cause: "input_timeout",
    words:
      /input_timeout(?:_exceeded)?\b|(?:Have )?not received a new text input within the timeout of (?<seconds>[\d.]+) seconds|Have not received a new\b|Connection timed out after (?<seconds2>[\d.]+) seconds of inactivity|No message arrived within the inactivity timeout(?: of (?<seconds3>[\d.]+))?|\binactivity_timeout\b[^=&\w]*(?:exceeded|expired)/i,
  },
  {
    cause: "unusual_activity",
    words: /detected_unusual_activity|Unusual activity detected|Free Tier usage disabled/i,
  },
  {
    cause: "quota_exceeded",
    words:
      /quota_exceeded|exceeds your (?:API key )?quota(?: of (?<limit>\d+))?|insufficient[_ ]credits|credits remaining, while|out of credits|quota (?:limit )?(?:exceeded|exhausted|used up)|exceeds the key's quota|not enough credits/i,
  },
  {
    cause: "missing_permission",
    words:
      /missing_permissions?\b|missing the permission(?: (?<scope>[\w.]+))?|model_access_denied/i,
  },
  {
    cause: "invalid_token",
    words:
      /invalid_token|single[- ]use token (?:is|was|has)|token (?:is |has )?(?:expired|already used|already been used|been used)|invalid_single_use_token/i,
  },
  {
    cause: "authentication_required",
    words:
      /authentication_required|needs_authorization|None of the authentication methods|Neither authorization header nor xi-api-key|No credential was sent|Missing (?:API key|authorization)/i,
  },
  {
    cause: "invalid_api_key",
    words:
      /invalid_api_key|Invalid API key|API key is (?:invalid|not valid|not one of)|api_key_invalid|API key you used is (?:invalid|wrong)|invalid api token/i,
  },
  {
    cause: "voice_not_found",
    words:
      /voice_id_does_not_exist|voice_not_found|voice_does_not_exist|A voice with voice_id '?(?<voiceId>[\w.-]{1,40})?'? (?:does not exist|was not found)|Invalid Voice ID|invalid_voice_id|\binvalid_voice\b/i,
  },
  {
    cause: "unsupported_model",
    words:
      /unsupported_model|Model '?(?<modelId>[\w.-]{1,40})'? is not supported on the text-to-speech websocket|not (?:supported|available) (?:on|for|over) (?:the )?(?:text-to-speech )?web ?socket/i,
  },
  {
    cause: "model_retired",
    words:
      /MODEL_DEPRECATED|model_deprecated|model_retired|has been (?:retired|deprecated)|model[^.]{0,40}(?:was|is) (?:retired|no longer available)/i,
  },
  {
    cause: "model_not_found",
    words:
      /model_not_found|A model with model_id|model (?:id )?(?:does not exist|not found)|unknown model/i,
  },
  {
    cause: "format_not_in_plan",
    words:
      /output_format_not_allowed|Output format '?(?<format>\w{1,40})'? is only available|subscription_required[^]{0,80}format/i,
  },
  {
    cause: "invalid_output_format",
    words:
      /invalid_output_format|Invalid output format(?: '(?<format>\w{1,40})')?|(?:invalid_enum_value|path)["':,\s[]+output_format/i,
  },
  {
    cause: "plan_required",
    words:
      /only_for_creator|payment_required|subscription_required|Payment Required|requires? (?:a )?(?:paid|higher|creator|pro) (?:plan|tier|subscription)|voice_access_denied/i,
  },
  {
    cause: "too_many_concurrent_requests",
    words:
      /too_many_concurrent_requests|concurrent_limit_exceeded|Too many concurrent requests|maximum of (?<limit>\d+) concurrent requests|concurrency_limited|concurrency limit|concurrent_requests_exceeded/i,
  },
  {
    cause: "server_busy",
    words: /system_busy|server_busy|heavy (?:traffic|load)|as many listeners as it can/i,
  },
  {
    cause: "rate_limited",
    words: /rate_limit_exceeded|rate_limited|may make \d+ requests a second/i,
    confidence: "likely",
  },
  {
    cause: "text_too_long",
    words:
      /max_character_limit_exceeded|text_too_long|exceeds the (?:character )?limit of (?<limit>\d+) characters|text (?:is )?too long/i,
  },
  {
    cause: "invalid_message",
    words:
      /invalid_input_message|Could not parse input message|invalid_json|The message could not be read/i,
  },
  {
    cause: "peer_silent",
    words: /(?:received|< CLOSE) 1011 \([^)]*\) keepalive ping timeout/i,
    confidence: "likely",
  },
  {
    cause: "client_ping_timeout",
    words:
      /keepalive ping timeout|timed out waiting for keepalive pong|No PONG received after|ping[_ ]timeout(?:ed)?\b(?!["']?\s*[=:])|pong (?:was )?not received/i,
  },
  {
    cause: "client_frame_limit",
    words:
      /sent 1009|over size limit|frame (?:with \d+ bytes )?exceeds limit|Max payload size exceeded|WS_ERR_UNSUPPORTED_MESSAGE_LENGTH|Message size (?<bytes>\d+) exceeds limit|PayloadTooBig|message too big; no close frame received|\b(?<bytes2>\d{5,9}) bytes exceeds limit/i,
  },
  {
    cause: "message_too_big",
    words: /received 1009|message_too_big|The message is larger than/i,
  },
  {
    cause: "session_max_age",
    words:
      /max(?:imum)?[ _]session[ _](?:duration|age)\b(?!["']?\s*[=:])|maximum (?:connection )?age|session_expired|expired connection|max_connection_age\b(?!["']?\s*[=:])/i,
    confidence: "likely",
  },
  {
    cause: "service_restart",
    words: /\b1012 \(service restart\)|\bservice restart\b|code["']?[:= ]+1012\b/i,
  },
  {
    cause: "shutting_down",
    words:
      /The server is shutting down|server_shutdown|server (?:is )?(?:shutting down|restarting)/i,
  },
  {
    cause: "internal_error",
    words:
      /We are sorry, something went wrong|You are not charged for this request|The server failed unexpectedly|synthesis_failed|internal_server_error|unknown_websocket_crash/i,
  },
  { cause: "engine_failed", words: /engine_failed|The engine of this voice failed/i },
  { cause: "reader_stalled", words: /reader_stalled|took nothing of what was sent to it/i },
  { cause: "origin_not_allowed", words: /origin_not_allowed|Web pages of this origin/i },
  { cause: "host_not_allowed", words: /host_not_allowed|does not answer to the name in the Host/i },
  {
    cause: "too_many_connections",
    words: /too_many_connections|One address may have (?<limit>\d+) connections/i,
  },
  { cause: "api_key_revoked", words: /api_key_revoked|opened this connection was revoked/i },
  {
    cause: "invalid_parameter",
    words:
      /invalid_parameters?\b|invalid_enum_value|The parameter '(?<parameter>\w{1,40})' must be/i,
  },
  {
    cause: "invalid_body",
    words:
      /Field required|["'([]loc["']?\s*[:,]\s*[[(]["']body|\bbody text Field\b|Input should be a valid/i,
  },
  {
    cause: "upgrade_not_possible",
    words: /upgrade_not_possible|HTTP endpoint and was asked for a WebSocket/i,
  },
  {
    cause: "upgrade_required",
    words:
      /upgrade_required|Upgrade Required|is a WebSocket endpoint and was asked over plain HTTP/i,
  },
];
