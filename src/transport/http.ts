import { type Duplex, Readable } from "node:stream";
import cors from "@fastify/cors";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import { withWavLength } from "../audio/wav.ts";
import {
  type Dialect,
  type HttpRequest,
  type HttpRoute,
  isProblem,
  type SpeechAnswer,
} from "../protocol/dialect.ts";
import { type Problem, SpeechError, toProblem } from "../protocol/problems.ts";
import type { AudioEvent } from "../protocol/speech.ts";
import type { Session, SessionParts } from "../session/session.ts";
import { createRequestId, createTraceId } from "./identifiers.ts";
import { type CanonicalPath, createCanonicalPath } from "./paths.ts";
import type { SpeechService } from "./speech-service.ts";
import { refuse } from "./refusal.ts";
import { maxParamLength, serveSockets } from "./ws.ts";

/** PEM texts; with them the server speaks `https` and `wss`. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A server that listens. */
export interface Listener {
  /** Where it is reached, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new connections and drops idle ones. */
  close(): Promise<void>;
}

const traceHeader = "x-trace-id";
const maxBodyBytes = 4 * 1024 * 1024;
/** Methods of which each route takes one and refuses the others. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const corsHeaders = {
  // A bare OPTIONS is answered like a preflight.
  strictPreflight: false,
  methods: ["POST", "PATCH", "OPTIONS", "DELETE", "GET", "PUT"],
  maxAge: 600,
  exposedHeaders: [
    "request-id",
    traceHeader,
    "character-cost",
    "current-concurrent-requests",
    "maximum-concurrent-requests",
  ],
};

/** Serves the dialects' HTTP routes and sockets, and `GET /health`. */
export async function listen(
  service: SpeechService,
  address: { readonly host: string; readonly port: number; readonly tls?: TlsFiles | undefined },
): Promise<Listener> {
  const paths = service.mounts.flatMap(({ dialect: { http, sockets } }) =>
    [...http, ...sockets].map(({ path }) => path),
  );
  const basePaths = service.mounts.map(({ basePath }) => basePath);
  const canonicalPath = createCanonicalPath(paths, service.pathPrefix, basePaths);
  const app = createApp(service, canonicalPath, address.tls);
  await app.register(cors, corsHeaders);
  addRoutes(app, service);
  const sockets = serveSockets(app.server, service, canonicalPath);
  const url = await app.listen({ host: address.host, port: address.port });
  return {
    url,
    async close() {
      sockets.close();
      await app.close();
    },
  };
}

function createApp(
  service: SpeechService,
  canonicalPath: CanonicalPath,
  tls: TlsFiles | undefined,
): FastifyInstance {
  const options: FastifyServerOptions = {
    bodyLimit: maxBodyBytes,
    genReqId: createRequestId,
    forceCloseConnections: true,
    routerOptions: { maxParamLength, querystringParser: (text) => ({ raw: text }) },
    rewriteUrl: ({ url = "/" }) => canonicalPath(url),
    clientErrorHandler: (error, socket) => refuseBroken(error, socket, service.mounts[0].dialect),
    frameworkErrors: (error, request, reply) => {
      void sendProblem(reply, request, service.mounts[0].dialect, problemOf(error));
    },
    ...(tls && { https: tls }),
  };
  const app = fastify(options) as unknown as FastifyInstance;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    if (body === "") return done(null, undefined);
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new SpeechError("invalid_body", { kind: "json_invalid", reason: "JSON decode error" }));
    }
  });
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.header(traceHeader, createTraceId());
    done();
  });
  return app;
}

function addRoutes(app: FastifyInstance, service: SpeechService): void {
  app.get("/health", (_request, reply) => {
    const { draining, size } = service.sessions;
    return reply
      .code(draining ? 503 : 200)
      .send({ status: draining ? "draining" : "ok", sessions: size });
  });
  const taken = new Map<string, Set<string>>();
  const add = (
    dialect: Dialect,
    method: HttpRoute["method"],
    path: string,
    onRequest: (request: FastifyRequest) => Promise<void>,
    handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): void => {
    taken.set(path, (taken.get(path) ?? new Set()).add(method));
    app.route({
      method,
      url: path,
      onRequest,
      handler: handle,
      errorHandler: (error, request, reply) => {
        const problem = problemOf(error);
        if (problem.code === "internal_error")
          service.logger.error({ err: error }, "request failed");
        void sendProblem(reply, request, dialect, problem);
      },
    });
  };
  for (const { basePath, dialect } of service.mounts) {
    for (const route of dialect.http) {
      add(
        dialect,
        route.method,
        `${basePath}${route.path}`,
        admit(dialect, service),
        (request, reply) => answer(request, reply, route, service),
      );
    }
    for (const { path } of dialect.sockets) {
      add(dialect, "GET", `${basePath}${path}`, admitAll, (request, reply) =>
        sendProblem(reply, request, dialect, { code: "upgrade_required", details: {} }),
      );
    }
  }
  taken.set("/health", new Set(["GET"]));
  for (const [path, allowed] of taken) refuseOtherMethods(app, service, path, allowed);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, request, service.mounts[0].dialect, { code: "not_found", details: {} }),
  );
}

/** Lets a request in before its body is read. @throws {SpeechError} for who is not welcome */
function admit(dialect: Dialect, service: SpeechService) {
  return async (request: FastifyRequest): Promise<void> => {
    if (service.sessions.draining) throw new SpeechError("shutting_down");
    const refused = await service.parts.authenticate(dialect.credential(readRequest(request)));
    if (refused) throw new SpeechError(refused.code, refused.details);
  };
}

const admitAll = (): Promise<void> => Promise.resolve();

function refuseOtherMethods(
  app: FastifyInstance,
  service: SpeechService,
  path: string,
  allowed: ReadonlySet<string>,
): void {
  app.route({
    method: methods.filter((method) => !allowed.has(method)),
    url: path,
    // Whatever the body holds, the method is what is wrong.
    onRequest: (request, reply) =>
      sendProblem(
        reply.header("allow", [...allowed].join(", ")),
        request,
        service.mounts[0].dialect,
        {
          code: "method_not_allowed",
          details: {},
        },
      ),
    handler: () => {},
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  route: HttpRoute,
  service: SpeechService,
): Promise<unknown> {
  const { parts, sessions } = service;
  const result = route.answer(readRequest(request));
  if (isProblem(result)) throw new SpeechError(result.code, result.details);
  void reply.header("request-id", request.id);
  if (result.type === "json") return reply.send(result.body);

  const sessionParts: SessionParts = {
    ...parts,
    authenticate: () => Promise.resolve(undefined),
    onFault: (problem, err) =>
      service.logger.error({ requestId: request.id, err, code: problem.code }, "speech failed"),
    onWarning: ({ code: warning }) =>
      service.logger.debug({ requestId: request.id, warning }, "client warned"),
  };
  const drop = (): void => void reply.raw.destroy();
  const { session, close } = sessions.open(result.plan, sessionParts, drop);
  reply.raw.once("close", close);
  try {
    const body = speak(session, result);
    // The status line waits for the first audio: until then a failure is still a JSON answer.
    const first = await body.next();
    void reply.header("content-type", result.contentType).headers(result.headers);
    // This request counts, though it may have spoken already.
    void reply.header("current-concurrent-requests", Math.max(1, parts.limiter.active));
    void reply.header("maximum-concurrent-requests", parts.limiter.limit);
    if (result.delivery === "whole") return await reply.send(await joinAll(first, body));
    return await reply.send(Readable.from(startingWith(first, body), { objectMode: false }));
  } catch (error) {
    close();
    throw error;
  }
}

/** The response's body. @throws {SpeechError} whatever ended the session */
async function* speak(session: Session, answer: SpeechAnswer): AsyncGenerator<Uint8Array | string> {
  const context = "";
  await session.accept([
    { type: "text", context, text: answer.text },
    { type: "close", context },
    { type: "end" },
  ]);
  const audio = audioOf(session);
  if (answer.delivery === "stream") return yield* answer.encode(audio);
  const events: AudioEvent[] = [];
  for await (const event of audio) events.push(event);
  const isWav = answer.plan.format.container === "wav";
  yield* answer.encode(iterate(isWav ? withWholeWav(events) : events));
}

async function* audioOf(session: Session): AsyncGenerator<AudioEvent> {
  for await (const event of session.events()) {
    if (event.type === "audio") yield event;
    if (event.type === "error") throw new SpeechError(event.problem.code, event.problem.details);
    if (event.type === "close") {
      if (event.problem) throw new SpeechError(event.problem.code, event.problem.details);
      return;
    }
  }
  throw new Error("The client went before its audio was complete");
}

/** The header of a WAV file names its length, which is known only now. */
function withWholeWav(events: readonly AudioEvent[]): AudioEvent[] {
  const [first, ...others] = events;
  if (!first) return [];
  const file = withWavLength(Buffer.concat(events.map(({ bytes }) => bytes)));
  return [{ ...first, bytes: file.subarray(0, first.bytes.length) }, ...others];
}

async function* iterate<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

async function* startingWith<Value>(
  first: IteratorResult<Value>,
  rest: AsyncGenerator<Value>,
): AsyncGenerator<Value> {
  if (!first.done) yield first.value;
  yield* rest;
}

async function joinAll(
  first: IteratorResult<Uint8Array | string>,
  rest: AsyncGenerator<Uint8Array | string>,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of startingWith(first, rest)) pieces.push(Buffer.from(piece as string));
  return Buffer.concat(pieces);
}

function readRequest(request: FastifyRequest): HttpRequest {
  const { headers } = request;
  const url = request.raw.url ?? "";
  const queryAt = url.indexOf("?");
  return {
    params: request.params as Record<string, string>,
    query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)),
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body: request.body,
  };
}

/** Answers what is not HTTP, or too much of it. */
function refuseBroken(error: Error, socket: Duplex, dialect: Dialect | undefined): void {
  const isTooLong = "code" in error && error.code === "HPE_HEADER_OVERFLOW";
  const problem: Problem = {
    code: isTooLong ? "headers_too_large" : "malformed_request",
    details: {},
  };
  if (socket.writable) refuse(socket, dialect, problem, createTraceId());
  else socket.destroy();
}

const fastifyProblems: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "message_too_big", details: { limit: maxBodyBytes } },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: "unsupported_media_type", details: {} },
  FST_ERR_BAD_URL: { code: "not_found", details: {} },
  FST_ERR_MAX_PARAM_LENGTH: { code: "not_found", details: {} },
};

function problemOf(error: unknown): Problem {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return fastifyProblems[code] ?? toProblem(error);
}

async function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  dialect: Dialect | undefined,
  problem: Problem,
): Promise<unknown> {
  const refusal = dialect?.refuse(problem, request.id);
  // Refusals of the framework itself come before the hook that names the request.
  if (!reply.hasHeader(traceHeader)) void reply.header(traceHeader, createTraceId());
  return reply
    .code(refusal?.status ?? 500)
    .headers(refusal?.headers ?? {})
    .type("application/json")
    .send(JSON.stringify(refusal?.body ?? {}));
}
