import type { FastifyReply, FastifyRequest } from "fastify";
import { withWavLength } from "../audio/wav.ts";
import type { Account } from "../protocol/accounts.ts";
import { isProblem, type SpeechAnswer } from "../protocol/dialect.ts";
import { type Cause, causeOf, causeRow } from "../protocol/causes.ts";
import type { ConnectionEnd, ConnectionObserver } from "../protocol/observer.ts";
import { SpeechError } from "../protocol/problems.ts";
import { costOf, countCharacters } from "../protocol/records.ts";
import {
  type AudioEvent,
  type Command,
  defaultContext,
  type SessionPlan,
} from "../protocol/speech.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Session } from "../session/session.ts";
import { endByLeaving } from "./client-ends.ts";
import { accountOf, subjectOf } from "./http-request.ts";
import { outlineOf } from "./message-parts.ts";
import { recordTurn } from "./recorder.ts";
import { dialectOf, type SessionConnection, type SpeechService } from "./speech-service.ts";
import type { StallWatched } from "./stall-watch.ts";
import { TurnLog } from "./turn-log.ts";
import type { HeldFile } from "./whole-files.ts";

/** One request that is being answered. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: SpeechService;
  /** What ends the call's sessions when the client has all, or goes. */
  readonly closers: (() => void)[];
  /** Why the answer was broken off, if it was. */
  brokenOff?: Cause;
  /** Whoever takes the answer. */
  reader?: StallWatched;
  /** Told of the speech in it. */
  observer?: ConnectionObserver;
}

/** What is sent, piece by piece. */
export type Body = AsyncGenerator<Uint8Array | string>;

const whenGone = "The client went before its audio was complete";

/**
 * The speech's file or stream, and its record at the end. What is kept of a file is counted in
 * `file`, which is the caller's to release. @throws {SpeechError} what ended it
 */
export async function* speak(
  answer: SpeechAnswer,
  call: Call,
  turnId: string,
  file: HeldFile,
): Body {
  const { request, reply, service, closers } = call;
  let spoken: SpokenTurn | undefined;
  let { cause } = endByLeaving;
  const account = accountOf(request);
  // What may not be spoken is refused before there is a connection.
  const payment = await pay(answer, account);
  const observer = (call.observer = observe(call));
  // It may have gone while its request was read: then nobody would close the session.
  if (reply.raw.destroyed || request.raw.socket.destroyed) {
    payment.refund();
    observer.closed(endByLeaving);
    throw new Error(whenGone);
  }
  const connection: SessionConnection = {
    observer,
    account,
    address: request.ip,
    onFault: (problem, err) =>
      service.logger.error({ requestId: request.id, err, code: problem.code }, "speech failed"),
    onWarning: ({ code: warning }) =>
      service.logger.debug({ requestId: request.id, warning }, "client warned"),
    onTurn: (turn) => {
      spoken = turn;
    },
    terminate(why) {
      call.brokenOff ??= why;
      reply.raw.destroy();
    },
  };
  const { text, dictionaries } = answer;
  const plan: SessionPlan = { ...answer.plan, isPaid: true };
  const startedAtUnix = Math.floor(service.wallClock() / 1000);
  const session = service.sessions.open(plan, service.parts, connection);
  observer.opened({
    get queuedBytes() {
      return call.reader?.queuedBytes ?? 0;
    },
    get timers() {
      const { stalls } = service.sending;
      return [...session.timers, ...(call.reader ? stalls.timersOf(call.reader) : [])];
    },
  });
  closers.push(() => service.sessions.close(session, endOf(call.brokenOff ?? cause, reply)));
  const turnLog = openTurnLog(plan, turnId, service);
  const context = defaultContext;
  let isHeard = false;
  try {
    const commands: Command[] = [
      ...(dictionaries.length > 0
        ? [{ type: "inherit", configuration: { dictionaries } } as const]
        : []),
      { type: "text", context, text },
      { type: "close", context },
      { type: "end" },
    ];
    const { parts, characters } = outlineOf(commands);
    observer.received(parts, Buffer.byteLength(text), context, characters);
    await session.accept(commands);
    const audio = audioOf(session, observer, (ended) => {
      cause = ended;
    });
    for await (const piece of answer.encode(prepare(audio, answer, turnLog, file))) {
      isHeard = true;
      yield piece;
    }
  } finally {
    // One that is broken off tells now what it has spoken.
    session.abort();
    if (isHeard && spoken) {
      const { durationMs: _, context: __, format, ...said } = spoken;
      const audioFormat = turnLog?.end(context)?.hasSound ? format : undefined;
      const origin = { id: turnId, requestId: request.id, startedAtUnix, audioFormat };
      await recordTurn({ ...said, text, ...payment.charged }, origin, plan, service);
    } else {
      payment.refund();
    }
    turnLog?.close();
  }
}

/** What a request was charged for its text. */
interface Payment {
  readonly charged: { readonly characters: number; readonly cost: number };
  /** Nobody has heard anything of it. */
  refund(): void;
}

/** Charges for all of the text, before anything of it is spoken. @throws {SpeechError} when it may not be */
async function pay(
  { plan: { voice, model, retention }, text }: SpeechAnswer,
  account: Account,
): Promise<Payment> {
  const characters = countCharacters(text);
  const charged = { characters, cost: costOf(characters, model) };
  if (isProblem(voice) || retention === "none") return { charged, refund: () => {} };
  const refused = account.refusalOf(voice, model);
  if (refused) throw SpeechError.of(refused);
  const charge = account.charge({ voice, model, ...charged });
  const problem = await charge.refusal;
  if (problem) throw SpeechError.of(problem);
  return { charged, refund: () => charge.refund() };
}

/** Undefined where nothing of the sound is to be kept. */
function openTurnLog(
  { retention }: SessionPlan,
  turnId: string,
  { history }: SpeechService,
): TurnLog | undefined {
  if (retention !== "history") return undefined;
  return new TurnLog({ history, createId: () => turnId });
}

/** The audio as it is encoded, kept on its way: at once, or where a header names its length, in the end. */
function prepare(
  audio: AsyncIterable<AudioEvent>,
  { delivery, plan }: SpeechAnswer,
  turnLog: TurnLog | undefined,
  file: HeldFile,
): AsyncIterable<AudioEvent> {
  if (delivery === "stream") return logged(audio, turnLog);
  return plan.format.container === "wav"
    ? logged(withLength(counted(audio, file)), turnLog)
    : allOf(logged(counted(audio, file), turnLog));
}

/** The audio of a file, as fast as there is room for it. */
async function* counted(
  audio: AsyncIterable<AudioEvent>,
  file: HeldFile,
): AsyncGenerator<AudioEvent> {
  for await (const event of audio) {
    await file.hold(event.bytes.length);
    yield event;
  }
  file.finish();
}

async function* logged(
  audio: AsyncIterable<AudioEvent>,
  turnLog: TurnLog | undefined,
): AsyncGenerator<AudioEvent> {
  for await (const event of audio) {
    turnLog?.add(event);
    yield event;
  }
}

function observe({ request, reply, service }: Call): ConnectionObserver {
  const dialect = dialectOf(service.mounts, request.url);
  return service.observer.connection({
    ...subjectOf(request, reply, dialect),
    transport: "http",
  });
}

function endOf(cause: Cause, { raw, statusCode }: FastifyReply): ConnectionEnd {
  const isTaken = cause.id !== "request_complete" || raw.writableFinished;
  if (cause.id === "request_abandoned" || !isTaken) {
    return endByLeaving;
  }
  const { httpStatus } = causeRow(cause.id);
  return { cause, by: "server", code: httpStatus ?? statusCode, reason: "" };
}

/** @throws {SpeechError} whatever ended the session */
async function* audioOf(
  session: Session,
  observer: ConnectionObserver,
  onEnded: (cause: Cause) => void,
): AsyncGenerator<AudioEvent> {
  for await (const event of session.events()) {
    if (event.type === "audio") {
      observer.sent(event.type, event.bytes.length, event.context);
      yield event;
    }
    if (event.type !== "error" && event.type !== "close") continue;
    onEnded(event.problem ? causeOf(event.problem) : { id: "request_complete", details: {} });
    if (!event.problem) return;
    throw SpeechError.of(event.problem);
  }
  throw new Error(whenGone);
}

/** Hands the audio on when all of it is there. */
async function* allOf(audio: AsyncIterable<AudioEvent>): AsyncGenerator<AudioEvent> {
  yield* await collect(audio);
}

/** The same for a WAV file, whose header names its length then. */
async function* withLength(audio: AsyncIterable<AudioEvent>): AsyncGenerator<AudioEvent> {
  const events = await collect(audio);
  const [first, ...others] = events;
  if (!first) return;
  const fileBytes = events.reduce((sum, { bytes }) => sum + bytes.length, 0);
  yield { ...first, bytes: withWavLength(first.bytes, fileBytes) };
  yield* others;
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
