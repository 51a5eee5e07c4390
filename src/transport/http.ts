import type { Duplex } from "node:stream";
import cors from "@fastify/cors";
import multipart from "@fastify/multipart";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import type { Account, Scope } from "../protocol/accounts.ts";
import { type Dialect, type HttpRoute, isProblem } from "../protocol/dialect.ts";
import { type Problem, problemRow, SpeechError, toProblem } from "../protocol/problems.ts";
import { isAny } from "./allow-lists.ts";
import { BodyWatch } from "./body-watch.ts";
import { createGate, type Exposure, type Gate } from "./gate.ts";
import { endByLeaving } from "./client-ends.ts";
import { sendAnswer } from "./http-answer.ts";
import { formLimits, readHead, readRequest, subjectOf, traceHeader } from "./http-request.ts";
import { connectionProblem, type HttpLimits, HttpServers } from "./http-servers.ts";
import { createRequestId, createTraceId } from "./identifiers.ts";
import { type CanonicalPath, createCanonicalPath } from "./paths.ts";
import { type SendingStatus, statusOf } from "./sending.ts";
import { dialectOf, type MetricsPage, type SpeechService } from "./speech-service.ts";
import { refuse } from "./refusal.ts";
import { securityHeaders } from "./security-headers.ts";
import { type TlsSource, watchTlsFiles } from "./tls-files.ts";
import { maxParamLength, serveSockets } from "./ws.ts";

/** Where a server listens, and for whom. */
export interface ListenOptions extends Exposure {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsSource | undefined;
  readonly limits: HttpLimits;
}

/** A server that listens. */
export interface Listener {
  /** Where it is reached, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new connections and drops idle ones. */
  close(): Promise<void>;
}

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
    "history-item-id",
    "x-request-id",
    "x-session-id",
    "x-external-request-id",
    "x-external-session-id",
    "content-disposition",
    "current-concurrent-requests",
    "maximum-concurrent-requests",
  ],
};

/** Serves the dialects' HTTP routes and sockets, and `GET /health`. */
export async function listen(service: SpeechService, options: ListenOptions): Promise<Listener> {
  const paths = service.mounts.flatMap(({ dialect: { http, sockets } }) =>
    [...http, ...sockets].map(({ path }) => path),
  );
  const basePaths = service.mounts.map(({ basePath }) => basePath);
  const canonicalPath = createCanonicalPath(paths, service.pathPrefix, basePaths);
  const gate = createGate(options);
  const { host, port, tls, limits } = options;
  const servers = new HttpServers(limits, tls?.files, {
    onConnection: (socket) => gate.onConnection(socket),
    onBroken: (error, stream) => refuseStream(stream, connectionProblem(error, limits), service),
    onUnsecured: () => tellRefusal({ code: "plain_on_tls_port", details: {} }, service),
    onTunnel: (stream) => refuseStream(stream, noTunnels, service),
  });
  const app = createApp(service, canonicalPath, servers, tls !== undefined);
  addGate(app, service, gate, limits);
  await app.register(cors, { ...corsHeaders, origin: isAny(options.allowed.origins) ? "*" : true });
  await app.register(multipart, { limits: formLimits });
  addRoutes(app, service, gate);
  const sockets = serveSockets(app.server, service, canonicalPath, gate);
  const url = await app.listen({ host, port });
  const stopWatching = tls && renew(servers, tls, service);
  return {
    url,
    async close() {
      stopWatching?.();
      sockets.close();
      await app.close();
    },
  };
}

/** Serves new connections with another certificate when its files have changed. */
function renew(servers: HttpServers, tls: TlsSource, service: SpeechService): () => void {
  const { logger, parts } = service;
  return watchTlsFiles(tls, parts.clock, {
    onChange: (files) => {
      servers.renew(files);
      logger.info("the certificate was renewed");
    },
    onFault: (reason) =>
      logger.error(
        { reason },
        "the certificate's files have changed and cannot be used; the last good ones are: put a certificate and its key there",
      ),
  });
}

function createApp(
  service: SpeechService,
  canonicalPath: CanonicalPath,
  servers: HttpServers,
  isEncrypted: boolean,
): FastifyInstance {
  const options: FastifyServerOptions = {
    bodyLimit: maxBodyBytes,
    genReqId: createRequestId,
    forceCloseConnections: true,
    routerOptions: { maxParamLength, querystringParser: (text) => ({ raw: text }) },
    rewriteUrl: ({ url = "/" }) => canonicalPath(url),
    serverFactory: (handler) => servers.create(handler),
    // The servers have listeners of their own, each of them: of several fastify knows but one.
    clientErrorHandler: () => {},
    frameworkErrors: (error, request, reply) => {
      const dialect = dialectOf(service.mounts, request.url);
      void sendProblem(reply, request, dialect, problemOf(error), service);
    },
    // For the address that it shows.
    ...(isEncrypted && { https: {} }),
  };
  const app = fastify(options) as unknown as FastifyInstance;
  app.decorateRequest("account", undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    if (body === "") return done(null, undefined);
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(new SpeechError("invalid_body", { kind: "json_invalid", reason: "JSON decode error" }));
    }
  });
  return app;
}

/** What every request passes before anything else. */
function addGate(
  app: FastifyInstance,
  service: SpeechService,
  gate: Gate,
  limits: HttpLimits,
): void {
  const bodies = new BodyWatch(limits, service.parts.clock, service.parts.timers);
  app.addHook("onRequest", (request, reply, done) => {
    const { raw } = request;
    void reply.header(traceHeader, createTraceId()).headers(securityHeaders(raw.socket));
    const refuseRequest = (problem: Problem): void => {
      const dialect = dialectOf(service.mounts, request.url);
      void sendProblem(reply, request, dialect, problem, service);
    };
    const leave = gate.enter(raw);
    if (leave && isProblem(leave)) {
      if (leave.code === "too_many_connections") void reply.header("connection", "close");
      return refuseRequest(leave);
    }
    if (leave) reply.raw.once("close", leave);
    bodies.watch(raw, (seconds) => {
      if (reply.sent) {
        // What is left of a body that nobody reads is not waited for.
        raw.socket.destroy();
      } else {
        void reply.header("connection", "close");
        refuseRequest({ code: "request_timeout", details: { seconds } });
      }
    });
    done();
  });
}

function addRoutes(app: FastifyInstance, service: SpeechService, gate: Gate): void {
  app.get("/health", (request, reply) => {
    const { draining, size } = service.sessions;
    const { query } = readHead(request);
    return reply.code(draining ? 503 : 200).send({
      status: draining ? "draining" : "ok",
      sessions: size,
      ...(query.get("detail") !== null && { sending: formatSending(statusOf(service.sending)) }),
    });
  });
  if (service.metrics) addMetrics(app, service, gate, service.metrics);
  const taken = new Map<string, Set<string>>();
  const add = (
    dialect: Dialect,
    method: HttpRoute["method"],
    path: string,
    onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
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
        if (problem.code === "internal_error") {
          if (isGone(request, reply)) return tellLeaving(request, reply, dialect, service);
          service.logger.error({ err: error }, "request failed");
        }
        void sendProblem(reply, request, dialect, problem, service);
      },
    });
  };
  for (const { basePath, dialect } of service.mounts) {
    for (const route of dialect.http) {
      const letIn = admit(dialect, route, service, gate);
      const handle = answer(route, service);
      // What needs no body is answered before it is read, however large it is.
      const answerAtOnce = async (
        request: FastifyRequest,
        reply: FastifyReply,
      ): Promise<unknown> => {
        await letIn(request);
        return handle(request, reply);
      };
      const onRequest = route.takes === "nothing" ? answerAtOnce : letIn;
      add(dialect, route.method, `${basePath}${route.path}`, onRequest, handle);
    }
    for (const { path } of dialect.sockets) {
      add(dialect, "GET", `${basePath}${path}`, admitAll, (request, reply) =>
        sendProblem(reply, request, dialect, { code: "upgrade_required", details: {} }, service),
      );
    }
  }
  taken.set("/health", new Set(["GET"]));
  if (service.metrics) taken.set("/metrics", new Set(["GET"]));
  for (const [path, allowed] of taken) refuseOtherMethods(app, service, path, allowed);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      request,
      dialectOf(service.mounts, request.url),
      { code: "not_found", details: {} },
      service,
    ),
  );
}

/** Serves the server's figures, while it is going too. */
function addMetrics(
  app: FastifyInstance,
  service: SpeechService,
  gate: Gate,
  page: MetricsPage,
): void {
  app.get("/metrics", async (request, reply) => {
    const { dialect } = service.mounts[0];
    if (page.needsKey) {
      const address = gate.clientAddress(request.raw);
      const account = await service.parts.admit(dialect.credential(readHead(request)), address);
      const refused = isProblem(account) ? account : lacking(account, "usage");
      if (refused) return sendProblem(reply, request, dialect, refused, service);
    }
    return reply.type(page.contentType).send(await page.render());
  });
}

const formatSending = (status: SendingStatus): object => ({
  queued_bytes: status.queuedBytes,
  limit_bytes: status.limitBytes,
  file_bytes: status.fileBytes,
  waiting: status.waiting,
  stalled: status.stalled,
});

/** Lets a request in before its body is read. @throws {SpeechError} for who is not welcome */
function admit(dialect: Dialect, { scope }: HttpRoute, service: SpeechService, gate: Gate) {
  return async (request: FastifyRequest): Promise<void> => {
    // Why connections end is asked for while they do.
    if (service.sessions.draining && scope !== "connections") {
      throw new SpeechError("shutting_down");
    }
    const credential = dialect.credential(readHead(request));
    const found = await service.parts.admit(credential, gate.clientAddress(request.raw));
    const refused = isProblem(found) ? found : lacking(found, scope);
    if (refused) throw SpeechError.of(refused);
    if (!isProblem(found)) request.account = found;
  };
}

/** What an account lacks that is not good for a scope. */
const lacking = (account: Account, scope: Scope): Problem | undefined =>
  account.may(scope) ? undefined : { code: "missing_permission", details: { scope } };

const admitAll = (): Promise<void> => Promise.resolve();

function answer(route: HttpRoute, service: SpeechService) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const result = await route.answer(await readRequest(request, route.takes));
    return sendAnswer(result, request, reply, service);
  };
}

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
        dialectOf(service.mounts, path),
        { code: "method_not_allowed", details: {} },
        service,
      ),
    handler: () => {},
  });
}

const noTunnels: Problem = { code: "method_not_allowed", details: {} };

/** All that is known of a request that cannot be read. */
const unreadable = {
  method: "",
  route: "",
  url: "",
  credential: "none",
  keyId: undefined,
  header: (): undefined => undefined,
} as const;

/** Answers what is not HTTP, too much of it, or asks for what no route has. */
function refuseStream(stream: Duplex, problem: Problem, service: SpeechService): void {
  const traceId = tellRefusal(problem, service);
  if (!stream.writable) return void stream.destroy();
  const { dialect } = service.mounts[0];
  refuse(stream, { dialect, problem, traceId }, service.parts.clock);
}

/** Tells of the refusal of a request that cannot be read; gives what names it. */
function tellRefusal(problem: Problem, { observer, mounts }: SpeechService): string {
  const traceId = createTraceId();
  const dialect = mounts[0].dialect.name;
  const { httpStatus: status } = problemRow(problem.code);
  observer.refused({ ...unreadable, dialect, traceId, scope: "request", problem, status });
  return traceId;
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

/** Whether there is nobody to be answered any more. */
const isGone = ({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): boolean =>
  raw.destroyed || socket.destroyed;

/** Tells of a client that has gone before all of its request was there; of others the speech does. */
function tellLeaving(
  request: FastifyRequest,
  reply: FastifyReply,
  dialect: Dialect,
  { observer }: SpeechService,
): void {
  // Whoever was too slow has been told so.
  if (request.raw.complete || reply.sent) return;
  const subject = subjectOf(request, reply, dialect);
  observer.connection({ ...subject, transport: "http" }).closed(endByLeaving);
}

async function sendProblem(
  reply: FastifyReply,
  request: FastifyRequest,
  dialect: Dialect,
  problem: Problem,
  service: SpeechService,
): Promise<unknown> {
  // Whoever was too slow has been told so.
  if (reply.sent) return reply;
  // Refusals of the framework itself come before the hook that names the request.
  if (!reply.hasHeader(traceHeader)) {
    void reply.header(traceHeader, createTraceId()).headers(securityHeaders(request.raw.socket));
  }
  const refusal = dialect.refuse(problem, request.id);
  service.observer.refused({
    ...subjectOf(request, reply, dialect),
    scope: "request",
    problem,
    status: refusal.status,
    keyId: request.account?.keyId,
  });
  return reply
    .code(refusal.status)
    .headers(refusal.headers)
    .type("application/json")
    .send(JSON.stringify(refusal.body));
}
