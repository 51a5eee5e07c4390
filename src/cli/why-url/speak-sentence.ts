import { causeOfClose, causeOfTold } from "../../why/told-cause.ts";
import { type Conversation, type Heard, isEnd, isOpening } from "./conversation.ts";
import { explainOpening } from "./opening-failure.ts";
import type { SpeakStep } from "./probed-protocols.ts";
import type { Prober } from "./prober.ts";
import { formatMs, type ProbeFailure, type ReportRow, type StepResult } from "./report-row.ts";
import { describeSentence } from "./sentence-rows.ts";
import { readSpeechFrame, type SpeechFrame } from "./speech-frames.ts";

const handshakeMs = 10_000;
/** Frameworks give up after it, too. */
const audioMs = 10_000;
/** The hosted service closes about 0.8 s after the final frame. */
const closeMs = 2500;
/** A server that means to close does so in less. */
const stayMs = 700;

/** Speaks one sentence with all credentials: the handshake, the audio, the final frame, the close. */
export async function speakSentence(prober: Prober): Promise<StepResult> {
  const conversation = prober.open();
  const opening = await conversation.wait(isOpening, prober.within(handshakeMs));
  if (!opening) return { rows: [], failure: await explainOpening(conversation, prober) };
  const { protocol, clock } = prober;
  const spokenAtMs = clock.now();
  for (const step of protocol.speak(prober.target.voice)) {
    await take(step, conversation, prober);
  }
  await conversation.wait((heard) => isOver(heard, isFinal), prober.within(audioMs));
  await sayGoodbye(conversation, prober);
  const facts = { conversation, spokenAtMs, protocol };
  const failure = findFailure(conversation, prober);
  const rows: readonly ReportRow[] = describeSentence(facts);
  conversation.close();
  return { rows, failure };
}

async function take(step: SpeakStep, conversation: Conversation, prober: Prober): Promise<void> {
  if ("send" in step) {
    conversation.send(step.send);
    return;
  }
  const isThere = step.wait === "ready" ? isReady : hasAudio;
  await conversation.wait((heard) => isOver(heard, isThere), prober.within(audioMs));
}

const isReady = ({ isReady: ready }: SpeechFrame): boolean => ready;
const hasAudio = ({ audioBytes }: SpeechFrame): boolean => audioBytes > 0;
const isFinal = ({ isFinal: final }: SpeechFrame): boolean => final;

/** Whether what is waited for has come, or will not come any more. */
function isOver(heard: Heard, passes: (frame: SpeechFrame) => boolean): boolean {
  if (heard.type !== "message") return false;
  const frame = readSpeechFrame(heard.data);
  return passes(frame) || frame.isFinal || frame.told !== undefined;
}

/** Has the socket closed, or sees that it stays open, whoever is to close it. */
async function sayGoodbye(conversation: Conversation, prober: Prober): Promise<void> {
  const { farewell, closedBy } = prober.protocol;
  if (farewell && framesOf(conversation).some(isFinal)) conversation.send(farewell);
  await conversation.wait(isEnd, prober.within(closedBy === "server" ? closeMs : stayMs));
}

const framesOf = ({ heard }: Conversation): SpeechFrame[] =>
  heard.flatMap((each) => (each.type === "message" ? [readSpeechFrame(each.data)] : []));

/** Why the sentence was not spoken; undefined where it was. */
function findFailure(conversation: Conversation, prober: Prober): ProbeFailure | undefined {
  const frames = framesOf(conversation);
  const told = frames.find((frame) => frame.told !== undefined)?.told;
  const { end } = conversation;
  const closed = end?.end.kind === "closed" ? end.end : undefined;
  if (told) {
    return {
      happened: `The server told of an error${closed ? `, and closed with ${closed.code}` : ""}.`,
      said: [told.codes[0], told.message].filter(Boolean).join(": "),
      cause: causeOfTold(told) ?? (closed && causeOfClose(closed.code, closed.reason)),
    };
  }
  const isSpoken = frames.some(hasAudio);
  const isComplete = frames.some(isFinal);
  if (isComplete && isSpoken) return undefined;
  if (isComplete) {
    return {
      happened: "The server ended the sentence without any audio, and told of no error.",
      said: undefined,
      // So the hosted service behaves when the quota is used up.
      cause: prober.target.vendor === "elevenlabs" ? "quota_exceeded" : undefined,
    };
  }
  if (end && closed) {
    const after = formatMs(end.atMs - (conversation.opened?.atMs ?? end.atMs));
    return {
      happened: `The server closed with ${closed.code}, ${after} after the handshake and before the sentence was spoken.`,
      said: closed.reason,
      cause: causeOfClose(closed.code, closed.reason),
    };
  }
  return { happened: describeLack(frames, isSpoken), said: undefined, cause: undefined };
}

function describeLack(frames: readonly SpeechFrame[], isSpoken: boolean): string {
  if (isSpoken) return "Audio came, but no final frame: the sentence has no end.";
  if (frames.length === 0) return "The server took the text, and said nothing.";
  return frames.some(({ members }) => members !== undefined)
    ? "The server answered, but neither with audio nor with a final frame."
    : "The server answered with what is no JSON: it speaks another protocol.";
}
