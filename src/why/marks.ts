import type { Framework, Vendor } from "./trace.ts";

/** What only the logs of one framework have, the most telling first. */
const frameworkMarks: readonly (readonly [Framework, RegExp])[] = [
  ["livekit-node", /@livekit\/agents|\bagents-js\b|livekit[^\n]{0,80}\.(?:ts|js|cjs|mjs)\b|"version":"\d[^"]*","framework":"livekit-node"/],
  ["livekit-python", /\blivekit[./](?:agents|plugins)\b|\blivekit-agents\b/],
  ["pipecat", /\bpipecat\b|\b(?:ElevenLabs|Smallest)\w*TTSService\b/i],
  ["bolna", /\bbolna\b|\{(?:elevenlabs|smallest|base|stream)_synthesizer\}|\{task_manager\}/i],
  ["vocode", /\bvocode\b|\bElevenLabsWSSynthesizer\b/i],
  ["ten", /\bten_(?:runtime|env|ai_base|packages|vad|log)\b|\b(?:elevenlabs_tts2?|smallest_tts)_python\b|\bTEN[ _-]?(?:framework|runtime)\b/],
  ["elevenlabs-python", /\belevenlabs[/.](?:client|core|realtime_tts|conversational_ai|text_to_speech)\b|\bconvert_realtime\b|site-packages\/elevenlabs\//],
  ["elevenlabs-js", /@elevenlabs\/|\belevenlabs-js\b|\bElevenLabs(?:Client|Error|TimeoutError)\b|\bSessionConnectionError\b|\buseConversation\b/],
  ["syrinx", /"(?:connectionId|connection)":"\w+"[^\n]*"cause":|\bsyrinx\b/i],
  ["aiohttp", /\baiohttp\b|\bWSMsgType\b|\bWSMessage\b|\bClientConnect\w+Error\b|\bCannot write to closing transport\b|\bWSServerHandshakeError\b/],
  ["websockets", /\bwebsockets[./](?:exceptions|client|legacy|asyncio|sync|protocol|connection)\b|= connection is (?:CONNECTING|OPEN|CLOSED)|\b(?:received|sent) \d{4} \([a-z ]+\)|\bno close frame received or sent\b|(?:^|[\s:])[<>] (?:TEXT|CLOSE|PING|PONG) /],
  ["browser", /WebSocket connection to '|\bCloseEvent\b|\bnet::ERR_|already in CLOSING or CLOSED|\bFirefox\b|\bUncaught\b|VM\d+:\d+|\(index\):\d+/],
  ["ws", /\bUnexpected server response: \d|node_modules\/ws\/|\bnode:(?:events|net|internal)\b|WebSocket is not open: readyState|\bat WebSocket\.|\bWS_ERR_\w+|process\/task_queues/],
];

const vendorMarks: readonly (readonly [Vendor, RegExp])[] = [
  ["elevenlabs-agents", /\/convai\/|\bconvai\b|conversation_initiation|agent_output_audio_format|\bConversational ?AI\b|\buseConversation\b|[?&]agent_id=|Generating the LLM response|\bcustom_llm\b|LLM Cascade/i],
  ["waves", /\/waves\/|\bwaves-api\b|\bsmallest(?:ai|[._]ai)?\b|get_speech|\/tts\/live\b|\blightning[-_]v?\d|"status":\s*"(?:chunk|complete)"/i],
  ["elevenlabs", /elevenlabs|eleven_labs|\b11labs\b|\beleven_(?:flash|turbo|multilingual|monolingual|v\d)|\/text-to-speech\/|stream-input|normalizedAlignment|\bisFinal\b|voice_settings/i],
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
const transcription = /speech-to-text|\bscribe\b|\bstt\b|transcription/i;
const synthesis = /\btts\b|text-to-speech|synthesi|convai/i;

/** Whether something that was logged is about another service than those of speech that are known here. */
export function isForeign(text: string): boolean {
  if (transcription.test(text) && !synthesis.test(text)) return true;
  return otherServices.test(text) && !ours.test(text);
}

/** Whether an address is one of a speech service, or may be: without a path that is known to be another's. */
export function isForeignUrl(url: string): boolean {
  if (url === "" || ours.test(url)) return false;
  return otherServices.test(url) || /\/(?:listen|realtime|rtc|transcribe|agent|media-stream)\b/.test(url);
}
