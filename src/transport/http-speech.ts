import type { FastifyReply, FastifyRequest } from "fastify";
import { withWavLength } from "../audio/wav.ts";
import { isProblem, type SpeechAnswer } from "../protocol/dialect.ts";
import type { CloseCause, ConnectionObserver } from "../protocol/observer.ts";
import { SpeechError } from "../protocol/problems.ts";
import { costOf, countCharacters } from "../protocol/records.ts";
import { type AudioEvent, defaultContext, type SessionPlan } from "../protocol/speech.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Session } from "../session/session.ts";
import { accountOf, readHead } from "./http-request.ts";
import { recordTurn } from "./recorder.ts";
import { dialectOf, type SessionConnection, type SpeechService } from "./speech-service.ts";
import { TurnLog } from "./turn-log.ts";

/** One request that is being answered. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: SpeechService;
  /** What ends the call's sessions when the client has all, or goes. */
  readonly closers: (() => void)[];
  /** Why the answer was broken off, if it was. */
  brokenOff?: CloseCause;
}

/** What is sent, piece by piece. */
export type Body = AsyncGenerator<Uint8Array | string>;

const whenGone = "The client went before its audio was complete";

/** The speech's file or stream, and its record at the end. @throws {SpeechError} what ended it */
export async function* speak(answer: SpeechAnswer, call: Call, turnId: string): Body {
  const { request, reply, service, closers } = call;
  let spoken: SpokenTurn | undefined;
  let cause: CloseCause = "client_closed";
  // It may have gone while its request was read: then nobody would close the session.
  if (reply.raw.destroyed || request.raw.socket.destroyed) throw new Error(whenGone);
  const connection: SessionConnection = {
    observer: observe(call),
    account: accountOf(request),
    address: request.ip,
    onFault: (problem, err) =>
      service.logger.error({ requestId: request.id, err, code: problem.code }, "speech failed"),
    onWarning: ({ code: warning }) =>
      service.logger.debug({ requestId: request.id, warning }, "client warned"),
    onTurn: (turn) => {
      spoken = turn;
    },
    terminate: () => reply.raw.destroy(),
  };
  const { text, dictionaries } = answer;
  const plan: SessionPlan = { ...answer.plan, isPaid: true };
  const startedAtUnix = Math.floor(service.wallClock() / 1000);
  const payment = await pay(answer, connection);
  const session = service.sessions.open(plan, service.parts, connection);
  closers.push(() => service.sessions.close(session, call.brokenOff ?? cause));
  const turnLog = openTurnLog(plan, turnId, service);
  const context = defaultContext;
  let isHeard = false;
  try {
    await session.accept([
      ...(dictionaries.length > 0
        ? [{ type: "inherit", configuration: { dictionaries } } as const]
        : []),
      { type: "text", context, text },
      { type: "close", context },
      { type: "end" },
    ]);
    const audio = audioOf(session, (ended) => {
      cause = ended;
    });
    for await (const piece of answer.encode(prepare(audio, answer, turnLog))) {
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
  { account }: SessionConnection,
): Promise<Payment> {
  const characters = countCharacters(text);
  const charged = { characters, cost: costOf(characters, model) };
  if (!account || isProblem(voice) || retention === "none") return { charged, refund: () => {} };
  const refused = account.refusalOf(voice, model);
  if (refused) throw new SpeechError(refused.code, refused.details);
  const charge = account.charge({ voice, model, ...charged });
  const problem = await charge.refusal;
  if (problem) throw new SpeechError(problem.code, problem.details);
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
): AsyncIterable<AudioEvent> {
  if (delivery === "stream") return logged(audio, turnLog);
  return plan.format.container === "wav"
    ? logged(withLength(audio), turnLog)
    : allOf(logged(audio, turnLog));
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
  return service.observer.connection({
    transport: "http",
    method: request.method,
    dialect: dialectOf(service.mounts, request.url).name,
    route: request.routeOptions.url ?? "",
    traceId: String(reply.getHeader("x-trace-id")),
    header: (name) => readHead(request).header(name),
  });
}

/** @throws {SpeechError} whatever ended the session */
async function* audioOf(
  session: Session,
  onEnded: (cause: CloseCause) => void,
): AsyncGenerator<AudioEvent> {
  for await (const event of session.events()) {
    if (event.type === "audio") yield event;
    if (event.type !== "error" && event.type !== "close") continue;
    onEnded(event.problem?.code ?? "complete");
    if (!event.problem) return;
    throw new SpeechError(event.problem.code, event.problem.details);
  }
  throw new Error(whenGone);
}

/** Hands the audio on when all of it is there. */
async function* allOf(audio: AsyncIterable<AudioEvent>): AsyncGenerator<AudioEvent> {
  yield* await collect(audio);
}

/** The same for a WAV file, whose header names its length then. */
async function* withLength(audio: AsyncIterable<AudioEvent>): AsyncGenerator<AudioEvent> {
  const [first, ...others] = await collect(audio);
  if (!first) return;
  const file = withWavLength(Buffer.concat([first, ...others].map(({ bytes }) => bytes)));
  yield { ...first, bytes: file.subarray(0, first.bytes.length) };
  yield* others;
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
