import type { Framework, Vendor } from "./trace.ts";

/** What only the logs of one framework have, the most telling first. */
const frameworkMarks: readonly (readonly [Framework, RegExp])[] = [
  [
    "livekit-node",
    /@livekit\/agents|\bagents-js\b|livekit[^\n]{0,80}\.(?:ts|js|cjs|mjs)\b|\btts"?:\s?"elevenlabs\.TTS"|\(\d+\): (?:agent|user) state changed/,
  ],
  [
    "livekit-python",
    /\blivekit[./](?:agents|plugins)\b|\blivekit-agents\b|Unhandled message from ElevenLabs/,
  ],
  ["pipecat", /\bpipecat\b|\b(?:ElevenLabs|Smallest)\w*TTSService\b/i],
  ["bolna", /\bbolna\b|\{(?:elevenlabs|smallest|base|stream)_synthesizer\}|\{task_manager\}/i],
  ["vocode", /\bvocode\b|\bElevenLabsWSSynthesizer\b/i],
  [
    "ten",
    /\bten_(?:runtime|env|ai_base|packages|vad|log)\b|\b(?:elevenlabs_tts2?|smallest_tts)_python\b|\bTEN[ _-]?(?:framework|runtime)\b/,
  ],
  [
    "elevenlabs-python",
    /\belevenlabs[/.](?:client|core|realtime_tts|conversational_ai|text_to_speech)\b|\bconvert_realtime\b|site-packages\/elevenlabs\/|\bError receiving message: (?:received|sent) \d|\bElevenLabs\(api_key/,
  ],
  [
    "elevenlabs-js",
    /@elevenlabs\/|\belevenlabs-js\b|\bElevenLabs(?:Client|Error|TimeoutError)\b|\bSessionConnectionError\b|\buseConversation\b/,
  ],
  ["syrinx", /"(?:connectionId|connection)":"\w+"[^\n]*"cause":|\bsyrinx\b/i],
  [
    "aiohttp",
    /\baiohttp\b|\bWSMsgType\b|\bWSMessage\b|\bClientConnect\w+Error\b|\bCannot write to closing transport\b|\bWSServerHandshakeError\b/,
  ],
  [
    "websockets",
    /\bwebsockets[./](?:exceptions|client|legacy|asyncio|sync|protocol|connection)\b|= connection is (?:CONNECTING|OPEN|CLOSED)|\b(?:received|sent) \d{4} \([a-z ]+\)|\bno close frame received or sent\b|(?:^|[\s:])[<>] (?:TEXT|CLOSE|PING|PONG) /,
  ],
  [
    "browser",
    /WebSocket connection to '|\bCloseEvent\b|\bnet::ERR_|already in CLOSING or CLOSED|\bFirefox\b|\bUncaught\b|VM\d+:\d+|\(index\):\d+|(?:^|\n)(?:\d\d:\d\d:\d\d\S*\s+)?[\w.-]+\.(?:m?[jt]sx?):\d+\s/,
  ],
  [
    "ws",
    /\bUnexpected server response: \d|node_modules\/ws\/|\bnode:(?:events|net|internal)\b|WebSocket is not open: readyState|\bat WebSocket\.|\bWS_ERR_\w+|process\/task_queues/,
  ],
];

const vendorMarks: readonly (readonly [Vendor, RegExp])[] = [
  [
    "elevenlabs-agents",
    /\/convai\/|\bconvai\b|conversation_initiation|agent_output_audio_format|\bConversational ?AI\b|\buseConversation\b|[?&]agent_id=|Generating the LLM response|\bcustom_llm\b|LLM Cascade|\berror_event\b|\bconv_\w{6,}|silence_end_call|agent_response_event|\bcloseReason\b|\berror_type["']?\s*:\s*["'](?:llm|custom_llm|cascade|transport|asr|tts_cascade|mcp|override|missing|invalid_message|max_dur)|transport_receive_timeout|max_duration_exceeded|concurrent conversations|unknown_websocket_crash/i,
  ],
  [
    "waves",
    /\/waves\/|\bwaves-api\b|\bsmallest(?:[._-]?ai|_)|plugins\.smallest|\bSmallest\w*(?:TTS|Service)|get_speech|\/tts\/live\b|\blightning[-_]v?\d|"status":\s*"(?:chunk|complete)"/i,
  ],
  [
    "elevenlabs",
    /elevenlabs|eleven_labs|\b11labs\b|\beleven_(?:flash|turbo|multilingual|monolingual|v\d)|\/text-to-speech\/|stream-input|normalizedAlignment|\bisFinal\b|\bcontextId\b|voice_settings|input_timeout_exceeded|invalid_api_key|xi[-_]api[-_]key|max_active_conversations/i,
  ],
];

/** How much of a log is looked at; who wrote it shows early, or at its end. */
const headChars = 200_000;

const ends = (log: string): string =>
  log.length <= 2 * headChars ? log : log.slice(0, headChars) + log.slice(-headChars);

/** Tells which framework wrote a log. */
export function frameworkOf(log: string): Framework | undefined {
  const part = ends(log);
  return frameworkMarks.find(([, mark]) => mark.test(part))?.[0];
}

/** Tells whose protocol a log, an address or a message is about. */
export function vendorOf(log: string): Vendor | undefined {
  const part = ends(log);
  return vendorMarks.find(([, mark]) => mark.test(part))?.[0];
}

const ours =
  /eleven_?labs|\b11labs\b|\beleven_|\bsmallest|\bwaves\b|\bsyrinx\b|text-to-speech|stream-input|\/tts\/live|get_speech|convai/i;
const otherServices =
  /deepgram|assembly_?ai|cartesia|\bopenai\b|gladia|speechmatics|\bazure|\bgroq\b|\btwilio\b|\btelnyx\b|\bplivo\b|daily\.co|\brime\b|playht|anthropic|soniox|whisper|\bsarvam|\bgoogle|gemini|hume|\bredis\b|postgres|mongo|kafka|rabbitmq|:6379\b|:5432\b|livekit\.cloud|rtc_engine|signal_client|\bprometheus\b/i;
const transcription = /speech-to-text|\bscribe\b|\bstt\b|STTService|transcriber/i;
const synthesis = /\btts\b|text-to-speech|synthesi|convai/i;

const languageModel = /\bllm\b|\blanguage model\b/i;

/**
 * Whether something that was logged is about another service than those of speech that are known
 * here. Language models are part of agents, and beside the point of all else.
 */
export function isForeign(text: string, vendor: Vendor | undefined): boolean {
  if (transcription.test(text) && !synthesis.test(text)) return true;
  if (ours.test(text)) return false;
  if (otherServices.test(text)) return true;
  return vendor === "elevenlabs" && languageModel.test(text) && !synthesis.test(text);
}

/** Whether an address is one of another service. */
export function isForeignUrl(url: string): boolean {
  if (url === "" || ours.test(url)) return false;
  return otherServices.test(url) || /\/(?:listen|realtime|rtc|transcribe|media-stream)\b/.test(url);
}

const address =
  /(?:\b(?:wss?|https?):\/\/|(?<![\w:/.])\/(?:v\d|waves|api|text-to-speech)\/)[^\s'"<>()[\]`]+/;
const speechPath = /text-to-speech|stream-input|\/convai\/|\/tts\/live|get_speech|\/waves\//;

/** The address of a speech service that a line names. */
export function addressIn(line: string): string | undefined {
  const url = address.exec(line)?.[0];
  return url !== undefined && (speechPath.test(url) || url.startsWith("ws")) && !isForeignUrl(url)
    ? url.replace(/[.,;:]+$/, "")
    : undefined;
}
