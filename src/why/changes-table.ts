import type { WhyCauseId } from "./field-causes.ts";
import type { Framework } from "./trace.ts";

/** What to set where, by framework; `waves` for that vendor's clients, `any` for all others. */
export type Change = Readonly<Partial<Record<Framework | "waves" | "any", string>>>;

/**
 * The precise change for a cause. Where a row or a framework is missing, the advice of the catalogue
 * holds; rows are here where that speaks of this server, or where a framework has a setting of its own.
 */
export const changes: Readonly<Partial<Record<WhyCauseId, Change>>> = {
  input_timeout: {
    "livekit-python":
      "Give elevenlabs.TTS(inactivity_timeout=180, ...), which is the most the service takes, and update livekit-plugins-elevenlabs: newer ones open another socket where the old one has idled out.",
    "livekit-node":
      "Give new elevenlabs.TTS({ inactivityTimeout: 180, ... }), which is the most the service takes, and update @livekit/agents-plugin-elevenlabs.",
    pipecat:
      'Update pipecat-ai: ElevenLabsTTSService sends a keepalive every 10 s. In a service of your own send {"text":"","context_id":"..."} for the open context at least every 15 s.',
    bolna:
      "Bolna asks for inactivity_timeout=170 in its address: send text within that time, or let the synthesizer connect again before the next turn.",
    vocode:
      "Open the socket when there is text to speak, not before: the synthesizer's address has no inactivity_timeout, so 20 seconds hold.",
    ten: 'Keep the extension\'s keepalive ({"text":" "} every 18 s) running while the language model thinks, or add inactivity_timeout=180 to its address.',
    "elevenlabs-python":
      "convert_realtime has no setting for it: give it text that is ready, or buffer the language model's answer; with a raw socket add &inactivity_timeout=180 to the address.",
    waves:
      "Add ?timeout=3600 to the socket's address, or send a message with blank text now and then; a pooled socket that idled out is to be opened anew.",
    any: 'Add &inactivity_timeout=180 to the socket\'s address (180 is the most), and send {"text":" "} (on multi-stream-input {"text":"","context_id":"..."}) at least every 15 s while there is nothing to say.',
  },
  too_many_contexts: {
    "livekit-python":
      "Update livekit-plugins-elevenlabs to a version that closes contexts after interruptions; until then use one TTS instance for each session.",
    "livekit-node":
      "Update @livekit/agents-plugin-elevenlabs to a version that closes contexts after interruptions.",
    pipecat:
      "Update pipecat-ai (interrupted contexts have to be closed), and let no more than five turns be open on one ElevenLabsTTSService.",
    any: 'Send {"context_id":"...","close_context":true} for each context when its turn ends or is interrupted, and wait for its isFinal before a sixth is opened: five may be open on one socket, those that are being closed included.',
  },
  settings_changed: {
    pipecat:
      "Update pipecat-ai to a version after 1.2.1, which sends voice_settings once for each context; until then leave stability, similarity_boost, style and speed out of the service's settings.",
    any: "Send voice_settings in the first message of the socket (of the context, on multi-stream-input) and never again with other values; for other settings open another context or socket.",
  },
  phantom_context: {
    pipecat:
      "Update pipecat-ai to a version after 1.2.1, whose keepalive does not come before the context's first message; until then leave the voice settings of ElevenLabsTTSService unset.",
    any: 'Send the message with voice_settings before any keepalive ({"text":"","context_id":"..."}) or flush of that context.',
  },
  client_frame_limit: {
    websockets:
      "Connect with websockets.connect(url, max_size=16 * 1024 * 1024): 1 MiB is the default.",
    pipecat:
      "Update pipecat-ai: ElevenLabsTTSService connects with max_size=16 MiB; in a service of your own pass max_size to websocket_connect.",
    "elevenlabs-python":
      'Update the SDK, or ask for a smaller format (output_format="mp3_44100_64" or "pcm_16000"): its socket takes 1 MiB a frame.',
    aiohttp:
      "Connect with session.ws_connect(url, max_msg_size=0), or with a limit of 16 MiB: 4 MiB is the default.",
    ws: "Connect with new WebSocket(url, { maxPayload: 64 * 1024 * 1024 }).",
    any: "Raise the client library's limit for a message (max_size of Python's websockets, max_msg_size of aiohttp, maxPayload of ws), or ask for a format with fewer bytes.",
  },
  client_ping_timeout: {
    websockets:
      "Keep the event loop free (decode, resample and write audio in a thread: asyncio.to_thread), or connect with ping_timeout=None, or a longer one.",
    aiohttp:
      "Keep the event loop free, or connect with a longer heartbeat: session.ws_connect(url, heartbeat=60).",
    pipecat:
      "Find what blocks the event loop (a synchronous call in a processor: move it into asyncio.to_thread); a ping has to be answered within 20 s.",
    any: "Keep the client's event loop free: what decodes, resamples or writes audio belongs in a thread. Else raise its ping time-out (ping_timeout of websockets, heartbeat of aiohttp).",
  },
  invalid_api_key: {
    "livekit-python":
      "Set ELEVEN_API_KEY (not ELEVENLABS_API_KEY) where the worker runs, or give elevenlabs.TTS(api_key=...), without quotes, blanks or line ends in it.",
    "livekit-node":
      "Set ELEVEN_API_KEY where the worker runs, or give new elevenlabs.TTS({ apiKey }), without quotes, blanks or line ends in it.",
    pipecat:
      "Check api_key of ElevenLabsTTSService: that the variable is set where the bot runs, and has no quotes, blanks or line ends in it.",
    bolna:
      "Check ELEVENLABS_API_KEY in Bolna's .env: it goes into the first message as xi_api_key.",
    any: "Check that the key is that service's, whole, and without quotes, blanks or line ends: send it as the header xi-api-key (Authorization: Bearer for Waves) or as xi_api_key in the first message.",
  },
  authentication_required: {
    browser:
      "Browsers cannot set headers on sockets: mint a single-use token on your server and connect with ?single_use_token=..., or send xi_api_key in the first message.",
    any: "Send the key as the header xi-api-key (Authorization: Bearer for Waves), or as xi_api_key in the first message; a header that a proxy drops does not arrive.",
  },
  invalid_token: {
    any: "Mint a token right before each connection (POST /v1/single-use-token/tts_websocket): it is good once, for 15 minutes, and React's strict mode connects twice.",
  },
  missing_permission: {
    any: "Give the key the permission for text to speech (and for reading voices and models, if the client asks for them) in the service's settings of API keys, or use another key.",
  },
  voice_not_found: {
    any: "Use an id (not a name) of a voice that is in this account: GET /v1/voices lists them. A voice of the public library has to be added first.",
    waves: "Use a voice_id of GET /{model}/get_voices of the same model.",
  },
  model_not_found: { any: "Use a model id of GET /v1/models, such as eleven_flash_v2_5." },
  unsupported_model: {
    "livekit-python":
      'Use elevenlabs.TTS(model="eleven_flash_v2_5"), or a plugin that speaks with the dialogue endpoint: eleven_v3 is not served on the text-to-speech sockets.',
    "livekit-node":
      'Use new elevenlabs.TTS({ modelID: "eleven_flash_v2_5" }): eleven_v3 is not served on the text-to-speech sockets.',
    pipecat:
      'Use model="eleven_flash_v2_5", or ElevenLabsHttpTTSService or the dialogue service for eleven_v3, which is not served on the text-to-speech sockets.',
    any: "Use eleven_flash_v2_5 or another model of the sockets; eleven_v3 is served over HTTP and on the text-to-dialogue socket only.",
  },
  model_retired: {
    any: "Use a model that is still served: lightning_v3.1 on /waves/v1/tts/live for Waves, eleven_flash_v2_5 for ElevenLabs; update the client where it has the old address built in.",
  },
  quota_exceeded: {
    any: "See how many credits are left (GET /v1/user/subscription; a key can have a limit of its own), buy more or wait for the next period. On multi-stream-input this shows as a final frame without audio and no error.",
  },
  too_many_concurrent_requests: {
    any: "Let fewer streams speak at the same time than the plan allows (the answer says how many), try again after a moment, or raise the plan; only synthesis counts, not open sockets.",
  },
  rate_limited: {
    any: "Try again after the time that retry-after names, with growing pauses, and use one socket for many turns.",
  },
  invalid_output_format: {
    any: "Use a format of the list in the answer, such as pcm_24000, ulaw_8000 or mp3_44100_128; wav formats are for whole files over HTTP.",
  },
  text_too_long: { any: "Cut the text into pieces, or stream it through the socket." },
  invalid_message: {
    any: 'Send one JSON object in each text frame, with text as a string ({"text":"Hello "}) and voice_settings as an object; a null text or single quotes cannot be read.',
  },
  internal_error: {
    any: "Try again with a new socket. If it goes on, look at the service's status page, and report the x-trace-id or request id of the handshake.",
  },
  server_busy: { any: "Try again after a moment, with growing pauses." },
  shutting_down: {
    any: "Connect again at once and send again what was not spoken; nothing is wrong with the client.",
  },
  not_found: {
    "livekit-python":
      'Let base_url end in the version: elevenlabs.TTS(base_url="https://host/v1"); the plugin adds /text-to-speech/... to it.',
    "livekit-node":
      'Let baseURL end in the version: new elevenlabs.TTS({ baseURL: "https://host/v1" }).',
    pipecat:
      'Give url without a path: ElevenLabsTTSService(url="wss://host"); the service adds /v1/text-to-speech/... to it.',
    bolna: "Set ELEVENLABS_API_HOST to the bare host name, without scheme and path.",
    ten: 'Let base_url end in the version: "wss://host/v1".',
    any: "Correct the path: /v1/text-to-speech/{voice_id}/stream-input or .../multi-stream-input (Waves: /waves/v1/tts/live); a base address with /v1 for clients that add none.",
  },
  upgrade_required: {
    any: "Open the address as a WebSocket (ws:// or wss://, with a WebSocket library), or ask /v1/text-to-speech/{voice_id}/stream over HTTP.",
  },
  upgrade_not_possible: {
    any: "Open the socket at .../stream-input or .../multi-stream-input, or send this address a plain HTTP request.",
  },
  tls_on_plain_port: {
    any: "Write ws:// and http:// instead of wss:// and https:// for this server, or give it a certificate; the official Python SDK always asks for wss.",
  },
  plain_on_tls_port: { any: "Write wss:// and https:// instead of ws:// and http://." },
  client_lost: {
    any: "See which end went first: whether the client's process or network ended at that time, and whether a proxy between has an idle time-out. WebSocket pings every 20 s show where it breaks.",
  },
  used_after_close: {
    browser:
      "Listen to socket.onclose and write event.code and event.reason to the log; send only while socket.readyState is WebSocket.OPEN.",
    ws: 'Listen to socket.on("close", (code, reason) => ...) and write both to the log; send only while socket.readyState is WebSocket.OPEN.',
    websockets:
      "Catch websockets.ConnectionClosed around send and recv, and write exception.rcvd (code and reason) to the log.",
    aiohttp:
      "Write ws.close_code and the extra of the CLOSE message to the log, and send only while ws.closed is false.",
    any: "Write the close code and reason to the log, and open a new socket before anything else is sent.",
  },
  first_audio_timeout: {
    "livekit-python":
      "The plugin waits 10 s for the first audio: look for what ElevenLabs answered in them (log level DEBUG); often the quota, or text without anything to speak.",
    any: "Look for what the server answered in that time (log the frames that arrive); flush after the last text, and send no text without anything to speak.",
  },
  close_context_race: {
    pipecat:
      "Update pipecat-ai to a version that keeps the last text and close_context apart; the fault is the hosted service's.",
    any: "Leave some 20 ms between the last text and close_context, or send both in one message; open a new context for text that was not spoken.",
  },
  no_text: {
    any: 'Begin with {"text":" "} and the settings, and send the end marker {"text":""} only after text.',
  },
  wrong_vendor_parameter: {
    waves: "Write timeout=60 (seconds) instead of inactivity_timeout in the address.",
    any: "Write inactivity_timeout=180 (seconds, 180 at most) instead of timeout in the address.",
  },
  too_many_connections: {
    any: "Close sockets that are not needed, and use one socket for many turns.",
  },
  origin_not_allowed: {
    any: "Add the page's origin to those that the server allows (--allowed-origins), or connect from a server of your own.",
  },
  invalid_handshake: {
    any: "Open the socket with a WebSocket library over HTTP/1.1; a proxy in front has to pass the headers Upgrade and Connection on.",
  },
};
