import type { Conversation } from "./conversation.ts";
import type { ProbedProtocol } from "./probed-protocols.ts";
import { formatMs, type ReportRow } from "./report-row.ts";
import { readSpeechFrame, type SpeechFrame } from "./speech-frames.ts";

/** A sentence that was spoken, or tried. */
export interface SentenceFacts {
  readonly conversation: Conversation;
  readonly spokenAtMs: number;
  readonly protocol: ProbedProtocol;
}

interface TimedFrame extends SpeechFrame {
  readonly atMs: number;
}

/** The greatest frame that Python's websockets takes unless told otherwise. */
const usualFrameBytes = 1_048_576;

/** What was seen of a sentence beside what is documented. */
export function describeSentence(facts: SentenceFacts): ReportRow[] {
  const { conversation } = facts;
  const frames = conversation.heard.flatMap((each): TimedFrame[] =>
    each.type === "message" ? [{ ...readSpeechFrame(each.data), atMs: each.atMs }] : [],
  );
  const rows = [describeHandshake(facts)];
  const first = frames.find(({ audioBytes }) => audioBytes > 0);
  if (first) {
    rows.push(
      {
        what: "first audio",
        documented: "",
        seen: `${formatMs(first.atMs - facts.spokenAtMs)} after the text`,
        differs: false,
      },
      describeAudio(frames, facts),
      describeAlignment(frames, facts),
    );
  }
  const final = frames.find(({ isFinal }) => isFinal);
  if (final) rows.push(describeFinal(final, facts), describeClose(final, facts));
  return rows;
}

function describeHandshake({ conversation, protocol }: SentenceFacts): ReportRow {
  const { opened, begunAtMs } = conversation;
  const traceId = opened?.headers["x-trace-id"];
  const wantsTrace = protocol.documented.handshake.includes("x-trace-id");
  return {
    what: "handshake",
    documented: protocol.documented.handshake,
    seen: [
      `101 after ${formatMs((opened?.atMs ?? begunAtMs) - begunAtMs)}`,
      ...(traceId === undefined ? [] : [`x-trace-id ${traceId}`]),
    ].join(", "),
    differs: wantsTrace && traceId === undefined,
  };
}

function describeAudio(frames: readonly SpeechFrame[], { protocol }: SentenceFacts): ReportRow {
  const sounding = frames.filter(({ audioBytes }) => audioBytes > 0);
  const bytes = sounding.reduce((sum, { audioBytes }) => sum + audioBytes, 0);
  const largest = Math.max(...frames.map(({ sizeBytes }) => sizeBytes));
  const unreadable = frames.filter(({ members }) => members === undefined).length;
  const wantsBinary = protocol.documented.audio.startsWith("binary");
  const hasWrongKind = sounding.some(({ isBinary }) => isBinary !== wantsBinary);
  const isBinary = sounding.some((frame) => frame.isBinary);
  return {
    what: "audio",
    documented: protocol.documented.audio,
    seen: [
      `${sounding.length} ${isBinary ? "binary" : "text"} frame${sounding.length === 1 ? "" : "s"}`,
      `${formatKb(bytes)} of audio`,
      `the largest frame ${formatKb(largest)}`,
      ...(unreadable > 0 ? [`${unreadable} that are no JSON`] : []),
    ].join(", "),
    differs: hasWrongKind || unreadable > 0 || largest > usualFrameBytes,
  };
}

const formatKb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

function describeAlignment(frames: readonly SpeechFrame[], { protocol }: SentenceFacts): ReportRow {
  const { alignment: documented } = protocol.documented;
  const names = [...new Set(frames.flatMap(({ alignments }) => alignments))];
  const seen = names.length === 0 ? "none" : names.toSorted().join(", ");
  return {
    what: "alignment",
    documented,
    seen,
    differs: seen !== documented.replace(/ unless .*/, ""),
  };
}

function describeFinal(final: TimedFrame, { protocol, spokenAtMs }: SentenceFacts): ReportRow {
  const hasAudio = final.audioBytes > 0;
  return {
    what: "final frame",
    documented: protocol.documented.finalFrame,
    seen: [
      `${formatMs(final.atMs - spokenAtMs)} after the text`,
      `members ${final.members?.join(", ") ?? "none"}`,
      ...(hasAudio ? ["with audio in it, which some clients drop"] : []),
    ].join(", "),
    differs: hasAudio,
  };
}

function describeClose(final: TimedFrame, { conversation, protocol }: SentenceFacts): ReportRow {
  const { end } = conversation;
  const closed = end?.end.kind === "closed" ? end.end : undefined;
  const isServers = protocol.closedBy === "server";
  return {
    what: "close",
    documented: protocol.documented.close,
    seen:
      end && closed
        ? `${closed.code}, ${formatMs(end.atMs - final.atMs)} after the final frame`
        : "stays open",
    differs: isServers ? closed?.code !== 1000 : closed !== undefined,
  };
}
