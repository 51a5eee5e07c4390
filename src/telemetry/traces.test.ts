import { type Span, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ConnectionSubject,
  type ContextSubject,
  noConnection,
  type Observer,
} from "../protocol/observer.ts";
import type { TurnSummary } from "../protocol/speech.ts";
import { endBy, subjectOfSocket } from "../../test/support/connections.ts";
import { createTraces } from "./traces.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";

const socket = (traceparent?: string): ConnectionSubject =>
  subjectOfSocket({
    dialect: "elevenlabs",
    route: "/v1/text-to-speech/:voice_id/stream-input",
    traceId: "f00d",
    header: (name) => (name === "traceparent" ? traceparent : undefined),
  });

const subject: ContextSubject = {
  id: "",
  voice: {
    id: "Voice000000000000001",
    slug: "flite-slt",
    name: "SLT",
    engine: "flite",
    sex: "female",
    language: "en-US",
    description: "",
    sampleRateHz: 16_000,
    timings: "exact",
    heeds: [],
  },
  model: {
    id: "eleven_flash_v2_5",
    name: "Model",
    description: "",
    maxTextChars: 1,
    onSockets: true,
    costPerChar: 1,
  },
  format: { encoding: "mp3", container: "raw", sampleRateHz: 44_100 },
};

const turn: TurnSummary = {
  outcome: "complete",
  characters: 12,
  audioMs: 2000,
  frames: 3,
  ttfbMs: 120,
  synthesisMs: 100,
};

function speakOnce(observer: Observer, traceparent?: string): void {
  const connection = observer.connection(socket(traceparent));
  const context = connection.context(subject);
  context.text();
  const utterance = context.utterance({ characters: 12 });
  utterance.dispatched(30);
  utterance.firstAudio();
  utterance.synthesized(2000, 100);
  context.firstAudio(120);
  context.underrun(40);
  utterance.ended();
  context.ended("complete", turn);
  connection.closed(endBy("end_marker"));
}

describe("traces without a tracer provider", () => {
  it("keep nothing of a connection", () => {
    expect(createTraces("1").connection(socket())).toBe(noConnection);
  });
});

describe("traces", () => {
  const exporter = new InMemorySpanExporter();
  const spans = (): Record<string, ReadableSpan> =>
    Object.fromEntries(exporter.getFinishedSpans().map((span) => [span.name, span]));
  const eventsOf = (span?: ReadableSpan): string[] => span?.events.map(({ name }) => name) ?? [];

  beforeEach(() => {
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  });
  afterEach(() => {
    exporter.reset();
    trace.disable();
  });

  it("have one span for each connection, context and utterance, one inside the other", () => {
    speakOnce(createTraces("1"));
    const { utterance, context, ...others } = spans();
    const [connection, ...more] = Object.values(others);
    expect(more).toEqual([]);
    expect(connection?.name).toBe("GET /v1/text-to-speech/:voice_id/stream-input");
    expect(connection?.parentSpanContext).toBeUndefined();
    expect(context?.parentSpanContext?.spanId).toBe(connection?.spanContext().spanId);
    expect(utterance?.parentSpanContext?.spanId).toBe(context?.spanContext().spanId);
  });

  it("tell when text came, was dispatched, was first heard, and was all spoken", () => {
    speakOnce(createTraces("1"));
    const { utterance, context } = spans();
    expect(eventsOf(context)).toEqual(["text", "first_audio", "underrun", "final"]);
    expect(eventsOf(utterance)).toEqual(["dispatch", "first_audio", "synthesized"]);
    expect(utterance?.events[0]?.attributes).toEqual({ "syrinx.queue_ms": 30 });
    expect(context?.attributes).toEqual({
      "syrinx.voice": "flite-slt",
      "syrinx.engine": "flite",
      "syrinx.model": "eleven_flash_v2_5",
      "syrinx.audio.encoding": "mp3",
      "syrinx.audio.sample_rate_hz": 44_100,
      "syrinx.first_audio_ms": 120,
      "syrinx.outcome": "complete",
      "syrinx.characters": 12,
      "syrinx.audio_ms": 2000,
      "syrinx.frames": 3,
      "syrinx.synthesis_ms": 100,
    });
  });

  it("go on with the trace that the request is a part of", () => {
    speakOnce(createTraces("1"), `00-${traceId}-${parentId}-01`);
    for (const span of exporter.getFinishedSpans()) {
      expect(span.spanContext().traceId).toBe(traceId);
    }
    const connection = spans()["GET /v1/text-to-speech/:voice_id/stream-input"];
    expect(connection?.parentSpanContext?.spanId).toBe(parentId);
  });

  it("keep nothing of a connection that its caller does not trace", () => {
    const connection = createTraces("1").connection(socket(`00-${traceId}-${parentId}-00`));
    expect(connection).toBe(noConnection);
  });

  it.each([
    ["end_marker", SpanStatusCode.UNSET, undefined],
    ["client_lost", SpanStatusCode.UNSET, undefined],
    ["input_timeout", SpanStatusCode.UNSET, "input_timeout"],
    ["engine_failed", SpanStatusCode.ERROR, "engine_failed"],
  ] as const)("say how a connection ended: %s", (cause, status, errorType) => {
    createTraces("1").connection(socket()).closed(endBy(cause));
    const [span] = exporter.getFinishedSpans();
    expect(span?.status.code).toBe(status);
    expect(span?.attributes["syrinx.close_cause"]).toBe(cause);
    expect(span?.attributes["error.type"]).toBe(errorType);
    expect(span?.attributes["syrinx.trace_id"]).toBe("f00d");
  });

  it("see a provider that is registered after them", () => {
    trace.disable();
    const traces = createTraces("1");
    expect(traces.connection(socket())).toBe(noConnection);
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
    expect(traces.connection(socket())).not.toBe(noConnection);
  });
});

describe("traces of a broken tracer provider", () => {
  afterEach(() => trace.disable());

  it("do not throw", () => {
    let calls = 0;
    const fail = (): never => {
      calls += 1;
      throw new Error("no span");
    };
    const get = (_: object, name: string | symbol): unknown =>
      name === "isRecording" ? () => true : fail;
    const span = new Proxy({}, { get }) as Span;
    const tracer = { startSpan: () => span } as unknown as Tracer;
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    speakOnce(createTraces("1"));
    expect(calls).toBeGreaterThan(5);
  });
});
