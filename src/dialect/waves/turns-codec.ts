import { z } from "zod";
import type { SocketCodec, WireMessage } from "../../protocol/dialect.ts";
import { type Problem, SpeechError } from "../../protocol/problems.ts";
import type { AudioEvent, Command, ContextId, Event } from "../../protocol/speech.ts";
import { countCharacters } from "../../protocol/records.ts";
import type { Model } from "../../protocol/voice.ts";
import { formatClose, formatSocketError } from "./errors.ts";

/** What a client of Lightning v4 is told first, and how much it may say in one go. */
export interface TurnsStyle {
  readonly sessionId: string;
  readonly sampleRateHz: number;
  readonly model: Pick<Model, "id" | "maxTextChars">;
}

/** One thing that the client asked for, by the name it gave. */
interface Turn {
  readonly turnId: string | number | undefined;
  /** Binary frames so far. */
  chunks: number;
}

const turnId = z.union([z.string().max(128), z.number()]).nullish();
const messageSchema = z.discriminatedUnion("event", [
  z.looseObject({ event: z.literal("speak"), turn_id: turnId, text: z.string() }),
  z.looseObject({ event: z.literal("interrupt") }),
  z.looseObject({ event: z.literal("end") }),
  z.looseObject({ event: z.literal("user_audio") }),
]);
type Message = z.infer<typeof messageSchema>;

/**
 * One connection of the protocol of Lightning v4: texts in, each of them a turn with a name; events
 * out, with the audio between them as it is. Each turn is a context of the session that speaks
 * after the one before.
 */
export function createTurnsCodec(style: TurnsStyle): SocketCodec {
  const turns = new Map<ContextId, Turn>();
  return {
    decode: createReader(turns, style),
    encode: (event) => encode(event, turns, style),
    close: formatClose,
  };
}

function createReader(
  turns: Map<ContextId, Turn>,
  { model }: TurnsStyle,
): (data: string | Uint8Array) => Command[] {
  let count = 0;
  let last: ContextId | undefined;
  const speak = ({ text, turn_id }: Extract<Message, { event: "speak" }>): Command[] => {
    const length = countCharacters(text);
    const { id: modelId, maxTextChars: limit } = model;
    if (length > limit) throw new SpeechError("text_too_long", { length, limit, modelId });
    const after = last;
    count += 1;
    const context = String(count);
    last = context;
    turns.set(context, { turnId: turn_id ?? undefined, chunks: 0 });
    return [
      { type: "configure", context, configuration: {}, opens: true, after },
      { type: "text", context, text },
      { type: "close", context },
    ];
  };
  return (data) => {
    try {
      const message = messageSchema.parse(JSON.parse(String(data)));
      switch (message.event) {
        case "speak":
          return speak(message);
        case "interrupt":
          return [...turns.keys()].map(cancel);
        case "end":
          return [{ type: "end" }];
        // What the user has said does not change how the voices speak.
        case "user_audio":
          return [];
      }
    } catch (error) {
      return [{ type: "refuse", problem: error instanceof SpeechError ? error.problem : badFrame }];
    }
  };
}

const badFrame: Problem = {
  code: "invalid_message",
  details: {
    reason: "it is not a JSON object whose event is speak, interrupt, end or user_audio",
    kind: "bad_frame",
  },
};

const cancel = (context: ContextId): Command => ({
  type: "cancel",
  context,
  playedMs: undefined,
  keep: false,
});

const tell = (event: string, members: object): WireMessage => ({
  data: JSON.stringify({ event, ...members }),
  isBinary: false,
});

function encode(
  event: Exclude<Event, { type: "close" }>,
  turns: Map<ContextId, Turn>,
  { sessionId, sampleRateHz }: TurnsStyle,
): readonly WireMessage[] {
  const context = "context" in event ? event.context : undefined;
  const turn = context === undefined ? undefined : turns.get(context);
  switch (event.type) {
    case "ready":
      return [
        tell("ready", { session_id: sessionId }),
        tell("ready", { sample_rate: sampleRateHz }),
      ];
    case "audio":
      return turn ? encodeAudio(event, turn) : [];
    case "cancelled":
      return turn ? [tell("interrupted", summaryOf(turn))] : [];
    case "error": {
      const { code, message } = formatSocketError(event.problem);
      return [tell("error", { code, message, turn_id: turn?.turnId })];
    }
    case "final":
      turns.delete(event.context);
      return turn && event.turn.outcome === "complete" ? endOf(turn) : [];
    case "warning":
    case "flushed":
    case "segment_begun":
    case "segment_ended":
    case "boundary":
    case "piece_ended":
    case "quiet":
    case "turn_ended":
    case "going_away":
    case "session_ended":
      return [];
  }
}

const beginOf = ({ turnId: turn_id, chunks }: Turn): WireMessage[] =>
  chunks === 0 ? [tell("turn_start", { turn_id })] : [];

const summaryOf = ({ turnId: turn_id, chunks }: Turn): object => ({ turn_id, chunks });

function encodeAudio({ bytes }: AudioEvent, turn: Turn): WireMessage[] {
  const messages = [...beginOf(turn), { data: bytes, isBinary: true }];
  turn.chunks += 1;
  return messages;
}

const endOf = (turn: Turn): WireMessage[] => [...beginOf(turn), tell("turn_end", summaryOf(turn))];
