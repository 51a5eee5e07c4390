import { type Conversation, isEnd, isOpening } from "./conversation.ts";
import type { Prober } from "./prober.ts";
import { formatMs, notTried, type ReportRow } from "./report-row.ts";
import { readSpeechFrame } from "./speech-frames.ts";
import { causeOfTold } from "../../why/told-cause.ts";

const handshakeMs = 10_000;
/** What is answered to a message is answered by then; the hosted service closes 0.8 s later. */
const answerMs = 1200;

/** One message, and what it is documented to do. */
interface Trial {
  readonly what: string;
  readonly messages: readonly object[];
  readonly documented: string;
  /** Whether the documents have the socket closed for it. */
  readonly closes: boolean;
}

const stays = "stays open, and says nothing";

// As they stand on the wire.
const space = '{"text":" "}';
const empty = '{"text":""}';

/** What each kind of socket is told, one after another on one socket, until it closes. */
function trialsOf({ target, protocol }: Prober): readonly Trial[] {
  switch (target.route) {
    case "stream-input":
      return [
        {
          what: `keep-alive ${space}`,
          messages: [{ text: " " }],
          documented: stays,
          closes: false,
        },
        {
          what: `end marker ${empty}`,
          messages: [{ text: "" }],
          documented: "final frame, close 1000: it is no keep-alive",
          closes: true,
        },
      ];
    case "multi-stream-input":
      return [
        {
          what: `keep-alive ${empty}`,
          messages: [{ text: "" }],
          documented: stays,
          closes: false,
        },
        {
          what: "keep-alive before a context's settings",
          messages: [
            { text: "", context_id: "syrinx-late" },
            { text: " ", context_id: "syrinx-late", voice_settings: { stability: 0.5 } },
          ],
          documented: stays,
          closes: false,
        },
      ];
    case "tts-live": {
      const keepAlive = protocol.keepAlive(target.voice);
      return [
        {
          what: "keep-alive with a blank text",
          messages: keepAlive === undefined ? [] : [keepAlive],
          documented: stays,
          closes: false,
        },
      ];
    }
    case "lightning-v4":
      return [];
  }
}

/** Sends what keeps a socket open, and what is taken for it, and looks what comes of it. */
export async function tryKeepAlive(prober: Prober): Promise<ReportRow[]> {
  const trials = trialsOf(prober);
  if (trials.length === 0) return [];
  const conversation = prober.open();
  if (!(await conversation.wait(isOpening, prober.within(handshakeMs)))) return [];
  for (const message of prober.protocol.greeting) conversation.send(message);
  const rows: ReportRow[] = [];
  for (const trial of trials) {
    if (!conversation.isOpen) break;
    const hasTime = prober.hasTimeFor(answerMs);
    rows.push(
      hasTime
        ? await tryMessage(trial, conversation, prober)
        : notTried(trial.what, trial.documented),
    );
  }
  conversation.close();
  return rows;
}

async function tryMessage(
  { what, messages, documented, closes }: Trial,
  conversation: Conversation,
  prober: Prober,
): Promise<ReportRow> {
  const from = conversation.heard.length;
  const sentAtMs = prober.clock.now();
  for (const message of messages) conversation.send(message);
  await conversation.wait(isEnd, prober.within(answerMs), from);
  const seen = describeAnswer(conversation, from, sentAtMs);
  const { end } = conversation;
  const isClosedAs = end?.end.kind === "closed" && end.end.code === 1000;
  const differs = closes ? !isClosedAs : seen !== stays;
  return { what, documented, seen, differs };
}

function describeAnswer(conversation: Conversation, from: number, sentAtMs: number): string {
  const frames = conversation.heard
    .slice(from)
    .flatMap((each) => (each.type === "message" ? [readSpeechFrame(each.data)] : []));
  const told = frames.find((frame) => frame.told !== undefined)?.told;
  const { end } = conversation;
  const words = [
    ...(frames.some(({ audioBytes }) => audioBytes > 0) ? ["audio"] : []),
    ...(frames.some(({ isFinal }) => isFinal) ? ["final frame"] : []),
    ...(told ? [causeOfTold(told) ?? told.codes[0] ?? "an error"] : []),
    ...(end?.end.kind === "closed"
      ? [`close ${end.end.code} after ${formatMs(end.atMs - sentAtMs)}`]
      : []),
  ];
  if (words.length > 0) return words.join(", ");
  return frames.length === 0 ? stays : "stays open, and answers with a frame";
}
