import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { withWavLength } from "../audio/wav.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { type ArchiveAnswer, type HttpAnswer, type SpeechAnswer } from "../protocol/dialect.ts";
import type { CloseCause, ConnectionObserver } from "../protocol/observer.ts";
import { SpeechError } from "../protocol/problems.ts";
import { type AudioEvent, defaultContext } from "../protocol/speech.ts";
import type { SpokenTurn } from "../session/context.ts";
import type { Session } from "../session/session.ts";
import { accountOf, readHead } from "./http-request.ts";
import { readableBody } from "./answer-watch.ts";
import { createTurnId } from "./identifiers.ts";
import { recordTurn } from "./recorder.ts";
import { dialectOf, type SessionConnection, type SpeechService } from "./speech-service.ts";
import { zip, type ZipEntry } from "./zip.ts";

/** One request that is being answered. */
interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: SpeechService;
  /** What ends the call's sessions when the client has all, or goes. */
  readonly closers: (() => void)[];
  /** Why the answer was broken off, if it was. */
  brokenOff?: CloseCause;
}

const sliceBytes = 64 * 1024;

const whenGone = "The client went before its audio was complete";

type Body = AsyncGenerator<Uint8Array | string>;

/** Sends an answer. @throws {SpeechError} what went wrong before anything was sent */
export async function sendAnswer(
  answer: HttpAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
  service: SpeechService,
): Promise<unknown> {
  void reply.header("request-id", request.id);
  switch (answer.type) {
    case "json":
      return reply.send(answer.body);
    case "file":
      void reply.header("content-type", answer.contentType).headers(answer.headers);
      return reply.send(
        typeof answer.bytes === "string" ? answer.bytes : Buffer.from(answer.bytes),
      );
    case "speech":
    case "archive":
      return sendSpoken(answer, request, reply, service);
  }
}

async function sendSpoken(
  answer: SpeechAnswer | ArchiveAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
  service: SpeechService,
): Promise<unknown> {
  const account = accountOf(request);
  const call: Call = { request, reply, service, closers: [] };
  const closeAll = (): void => call.closers.forEach((close) => close());
  reply.raw.once("close", closeAll);
  const turnId = createTurnId(service.wallClock());
  const isArchive = answer.type === "archive";
  try {
    const body: Body = isArchive ? zip(speakEach(answer, call)) : speak(answer, call, turnId);
    // The status line waits for the first audio: until then a failure is still a JSON answer.
    const first = await body.next();
    const contentType = isArchive ? "application/zip" : answer.contentType;
    void reply.header("content-type", contentType).headers(answer.headers);
    // This request counts, though it may have spoken already.
    const { active, limit } = account.concurrency;
    void reply.header("current-concurrent-requests", Math.max(1, active));
    void reply.header("maximum-concurrent-requests", limit);
    if (!isArchive && answer.plan.retention === "history")
      void reply.header("history-item-id", turnId);
    if (!isArchive && answer.delivery === "whole") {
      const file = await joinAll(startingWith(first, body));
      void reply.header("content-length", file.length);
      return await reply.send(readableOf(slicesOf(file), call));
    }
    return await reply.send(readableOf(startingWith(first, body), call));
  } catch (error) {
    closeAll();
    throw error;
  }
}

/** A body whose reader may be slow, but must not stop. */
function readableOf(body: AsyncIterable<Uint8Array | string>, call: Call): Readable {
  const { request, reply, service } = call;
  return readableBody(body, reply.raw, service.sending, () => {
    call.brokenOff = "reader_stalled";
    service.logger.info({ requestId: request.id, code: call.brokenOff }, "dropping answer");
    reply.raw.destroy();
  });
}

/** What is sent in one go hides whether its reader moves. */
async function* slicesOf(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += sliceBytes) yield file.subarray(at, at + sliceBytes);
}

/** Speaks one entry after another. */
async function* speakEach(answer: ArchiveAnswer, call: Call): AsyncGenerator<ZipEntry> {
  for (const { name, modifiedAtUnix, speech } of answer.entries) {
    const turnId = createTurnId(call.service.wallClock());
    yield { name, modifiedAtUnix, bytes: await joinAll(speak(speech, call, turnId)) };
  }
}

/** The speech's file or stream, and its record at the end. @throws {SpeechError} what ended it */
async function* speak(answer: SpeechAnswer, call: Call, turnId: string): Body {
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
  const { plan, text, dictionaries } = answer;
  const startedAtUnix = Math.floor(service.wallClock() / 1000);
  const session = service.sessions.open(plan, service.parts, connection);
  closers.push(() => service.sessions.close(session, call.brokenOff ?? cause));
  const context = defaultContext;
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
  yield* answer.encode(answer.delivery === "stream" ? audio : allOf(audio, plan.format));
  if (!spoken) return;
  const { durationMs: _, context: __, ...said } = spoken;
  const origin = { id: turnId, requestId: request.id, startedAtUnix, audioFormat: undefined };
  await recordTurn({ ...said, text }, origin, plan, service);
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

/** Hands the audio on when all of it is there: the header of a WAV file names its length. */
async function* allOf(
  audio: AsyncIterable<AudioEvent>,
  format: AudioFormat,
): AsyncGenerator<AudioEvent> {
  const events: AudioEvent[] = [];
  for await (const event of audio) events.push(event);
  const [first, ...others] = events;
  if (first && format.container === "wav") {
    const file = withWavLength(Buffer.concat(events.map(({ bytes }) => bytes)));
    yield { ...first, bytes: file.subarray(0, first.bytes.length) };
    yield* others;
  } else {
    yield* events;
  }
}

async function* startingWith<Value>(
  first: IteratorResult<Value>,
  rest: AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  if (!first.done) yield first.value;
  yield* rest;
}

async function joinAll(pieces: Body): Promise<Buffer> {
  const buffers: Buffer[] = [];
  for await (const piece of pieces) buffers.push(Buffer.from(piece as string));
  return Buffer.concat(buffers);
}
