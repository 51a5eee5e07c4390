import {
  type Attributes,
  context,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { type CauseId, isEnding } from "../protocol/causes.ts";
import {
  type ConnectionObserver,
  type ConnectionSubject,
  type ContextObserver,
  type ContextSubject,
  noConnection,
  noContext,
  noUtterance,
  type Observer,
  type UtteranceObserver,
  type UtteranceSubject,
} from "../protocol/observer.ts";
import { problemRow } from "../protocol/problems.ts";

/**
 * Makes spans of what it is told, one for each connection, context and utterance, for whichever
 * tracer provider the process has registered. While there is none, or its sampler does not want a
 * connection, nothing is kept of it.
 */
export function createTraces(version: string): Observer {
  const tracer = trace.getTracer("syrinx", version);
  return {
    connection: (subject) => quietly(() => observeConnection(tracer, subject)) ?? noConnection,
    refused: () => {},
    engineRestarted: () => {},
    encoderRestarted: () => {},
    upstreamFailed: () => {},
    failedOver: () => {},
  };
}

function observeConnection(tracer: Tracer, subject: ConnectionSubject): ConnectionObserver {
  const { dialect, route, method, transport, traceId } = subject;
  const attributes: Attributes = {
    "http.request.method": method,
    "http.route": route,
    "network.protocol.name": transport === "socket" ? "websocket" : "http",
    "syrinx.dialect": dialect,
    "syrinx.trace_id": traceId,
  };
  const options = { kind: SpanKind.SERVER, attributes };
  const parent = parentOf(subject);
  const span = tracer.startSpan(`${method} ${route}`, options, parent);
  if (!span.isRecording()) return noConnection;
  const own = trace.setSpan(parent, span);
  return {
    ...noConnection,
    context: (about) => quietly(() => observeContext(tracer, about, own)) ?? noContext,
    refused: ({ code }) => quietly(() => span.addEvent("refused", { "error.type": code })),
    closed: ({ cause: { id } }) =>
      quietly(() => {
        span.setAttribute("syrinx.close_cause", id);
        noteProblem(span, id);
        span.end();
      }),
  };
}

function observeContext(tracer: Tracer, subject: ContextSubject, parent: Context): ContextObserver {
  const { voice, model, format } = subject;
  const attributes: Attributes = {
    "syrinx.voice": voice.slug,
    "syrinx.engine": voice.engine,
    "syrinx.model": model.id,
    "syrinx.audio.encoding": format.encoding,
    "syrinx.audio.sample_rate_hz": format.sampleRateHz,
  };
  const span = tracer.startSpan("context", { attributes }, parent);
  const own = trace.setSpan(parent, span);
  return {
    text: () => quietly(() => span.addEvent("text")),
    speaking: () => quietly(() => span.addEvent("speaking")),
    paused: () => quietly(() => span.addEvent("paused")),
    utterance: (about) => quietly(() => observeUtterance(tracer, about, own)) ?? noUtterance,
    firstAudio: (firstAudioMs) =>
      quietly(() => {
        span.addEvent("first_audio");
        span.setAttribute("syrinx.first_audio_ms", firstAudioMs);
      }),
    underrun: (dryMs) => quietly(() => span.addEvent("underrun", { "syrinx.dry_ms": dryMs })),
    ended: (outcome, { characters, audioMs, frames, synthesisMs }) =>
      quietly(() => {
        span.addEvent("final");
        span.setAttributes({
          "syrinx.outcome": outcome,
          "syrinx.characters": characters,
          "syrinx.audio_ms": audioMs,
          "syrinx.frames": frames,
          "syrinx.synthesis_ms": synthesisMs,
        });
        if (outcome === "failed") span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      }),
  };
}

function observeUtterance(
  tracer: Tracer,
  { characters }: UtteranceSubject,
  parent: Context,
): UtteranceObserver {
  const attributes: Attributes = { "syrinx.characters": characters };
  const span = tracer.startSpan("utterance", { attributes }, parent);
  return {
    lookedUp: (isFound) => quietly(() => span.setAttribute("syrinx.cached", isFound)),
    dispatched: (queuedMs) =>
      quietly(() => span.addEvent("dispatch", { "syrinx.queue_ms": queuedMs })),
    firstAudio: () => quietly(() => span.addEvent("first_audio")),
    synthesized: (audioMs, synthesisMs) =>
      quietly(() => {
        span.addEvent("synthesized");
        span.setAttribute("syrinx.audio_ms", audioMs);
        if (synthesisMs !== undefined) span.setAttribute("syrinx.synthesis_ms", synthesisMs);
      }),
    ended: () => quietly(() => span.end()),
  };
}

/** The span that is active, as by other instrumentation, or the one that the request's headers name. */
function parentOf(subject: ConnectionSubject): Context {
  const active = context.active();
  return trace.getSpan(active) ? active : propagation.extract(ROOT_CONTEXT, subject, headerGetter);
}

const headerGetter: TextMapGetter<ConnectionSubject> = {
  get: (subject, name) => subject.header(name.toLowerCase()),
  keys: () => [],
};

/** Names a problem; only what is the server's fault makes a span an erroneous one. */
function noteProblem(span: Span, cause: CauseId): void {
  if (isEnding(cause)) return;
  span.setAttribute("error.type", cause);
  if (problemRow(cause).httpStatus >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** What a foreign exporter throws is not the speech's concern. */
function quietly<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
