import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ArchiveAnswer, HttpAnswer, SoundAnswer, SpeechAnswer } from "../protocol/dialect.ts";
import { readableBody } from "./answer-watch.ts";
import { accountOf } from "./http-request.ts";
import { type Body, type Call, speak } from "./http-speech.ts";
import { createTurnId } from "./identifiers.ts";
import { soundOf } from "./kept-sound.ts";
import type { SpeechService } from "./speech-service.ts";
import type { HeldFile } from "./whole-files.ts";
import { zip, type ZipEntry } from "./zip.ts";

const sliceBytes = 64 * 1024;

/** What is made piece by piece. */
type LongAnswer = SpeechAnswer | SoundAnswer | ArchiveAnswer;

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
      return reply.code(answer.status ?? 200).send(answer.body);
    case "file":
      void reply.header("content-type", answer.contentType).headers(answer.headers);
      return reply.send(
        typeof answer.bytes === "string" ? answer.bytes : Buffer.from(answer.bytes),
      );
    case "speech":
    case "sound":
    case "archive":
      return sendLong(answer, { request, reply, service, closers: [] });
  }
}

async function sendLong(answer: LongAnswer, call: Call): Promise<unknown> {
  const { reply, service } = call;
  const closeAll = (): void => call.closers.forEach((close) => close());
  reply.raw.once("close", closeAll);
  const turnId = createTurnId(service.wallClock());
  const file = service.sending.files.open();
  call.closers.push(() => file.release());
  try {
    const body = bodyOf(answer, call, turnId, file);
    // The status line waits for the first audio: until then a failure is still a JSON answer.
    const first = await body.next();
    const contentType = answer.type === "archive" ? "application/zip" : answer.contentType;
    void reply.header("content-type", contentType).headers(answer.headers);
    if (answer.type !== "sound") tellConcurrency(call);
    if (answer.type === "speech" && answer.plan.retention === "history")
      void reply.header("history-item-id", turnId);
    if (answer.type === "speech" && answer.delivery === "whole") {
      const pieces = await collectBytes(startingWith(first, body));
      void reply.header("content-length", lengthOf(pieces));
      return await reply.send(readableOf(giveAway(pieces, file), call));
    }
    return await reply.send(readableOf(startingWith(first, body), call));
  } catch (error) {
    closeAll();
    throw error;
  }
}

function bodyOf(answer: LongAnswer, call: Call, turnId: string, file: HeldFile): Body {
  switch (answer.type) {
    case "speech":
      return speak(answer, call, turnId, file);
    case "sound":
      return slicesOf(soundOf(answer, call.service.recoders));
    case "archive":
      return zip(filesOf(answer, call));
  }
}

function tellConcurrency({ request, reply }: Call): void {
  const { active, limit } = accountOf(request).concurrency;
  // This request counts, though it may have spoken already.
  void reply.header("current-concurrent-requests", Math.max(1, active));
  void reply.header("maximum-concurrent-requests", limit);
}

/** A body whose reader may be slow, but must not stop. */
function readableOf(body: AsyncIterable<Uint8Array | string>, call: Call): Readable {
  const { request, reply, service } = call;
  const { readable, reader } = readableBody(body, reply.raw, service.sending, (timer) => {
    const { stallSeconds: seconds } = service.sending.stalls;
    call.brokenOff = { id: "reader_stalled", details: { seconds } };
    call.observer?.timerFired(timer);
    service.logger.info({ requestId: request.id, code: call.brokenOff.id }, "dropping answer");
    reply.raw.destroy();
  });
  call.reader = reader;
  return readable;
}

/** What is sent in one go hides whether its reader moves. */
async function* slicesOf(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += sliceBytes) yield piece.subarray(at, at + sliceBytes);
  }
}

/** Makes one file after another. */
async function* filesOf(answer: ArchiveAnswer, call: Call): AsyncGenerator<ZipEntry> {
  const { recoders, sending, wallClock } = call.service;
  for (const { name, modifiedAtUnix, content } of answer.entries) {
    if (content.type === "sound") {
      yield { name, modifiedAtUnix, bytes: soundOf(content, recoders) };
      continue;
    }
    const file = sending.files.open();
    call.closers.push(() => file.release());
    const speech = speak(content, call, createTurnId(wallClock()), file);
    yield { name, modifiedAtUnix, bytes: afterAll(speech, file) };
  }
}

/** The pieces when all of them are there. */
async function* afterAll(body: Body, file: HeldFile): AsyncGenerator<Uint8Array> {
  yield* giveAway(await collectBytes(body), file);
}

/** Hands pieces on one after another, so that what was sent is not kept any more. */
async function* giveAway(pieces: Uint8Array[], file: HeldFile): AsyncGenerator<Uint8Array> {
  let leftBytes = lengthOf(pieces);
  // Of JSON there is more than of the sound in it.
  file.recount(leftBytes);
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
    yield* slicesOf([piece]);
    leftBytes -= piece.length;
    file.recount(leftBytes);
  }
}

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

async function* startingWith<Value>(
  first: IteratorResult<Value>,
  rest: AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  if (!first.done) yield first.value;
  yield* rest;
}

async function collectBytes(body: Body): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) {
    pieces.push(typeof piece === "string" ? Buffer.from(piece) : piece);
  }
  return pieces;
}
