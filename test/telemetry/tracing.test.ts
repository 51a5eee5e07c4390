import { trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openStreamInput } from "../support/stream-input.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${parentId}-01`;
const text = "Swordfish is the word.";

const exporter = new InMemorySpanExporter();
let server: TestServer;
beforeAll(async () => {
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  server = await startServer({ engines: [createToneEngine()], flags: { auth: "off" } });
});
afterEach(() => exporter.reset());
afterAll(async () => {
  await server.close();
  trace.disable();
});

/** Resolves when so many spans have ended. */
async function spans(count: number): Promise<ReadableSpan[]> {
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(count);
  return exporter.getFinishedSpans();
}

/** Each span with the one it is in, by name. */
function tree(all: readonly ReadableSpan[]): Record<string, string | undefined> {
  const names = new Map(all.map((span) => [span.spanContext().spanId, span.name]));
  const parentOf = ({ parentSpanContext }: ReadableSpan): string | undefined =>
    parentSpanContext && (names.get(parentSpanContext.spanId) ?? parentSpanContext.spanId);
  return Object.fromEntries(all.map((span) => [span.name, parentOf(span)]));
}

const inTrace = (all: readonly ReadableSpan[]): boolean =>
  all.every((span) => span.spanContext().traceId === traceId);

describe("the traces of a server", () => {
  it("show a socket, its context and its utterance in the trace of the upgrade", async () => {
    const client = await openStreamInput(server.wsUrl, { headers: { traceparent } });
    client.send({ text: " " }, { text: `${text} ` }, { text: "" });
    await client.closed;
    const all = await spans(3);
    const route = "GET /v1/text-to-speech/:voice_id/stream-input";
    expect(tree(all)).toEqual({ utterance: "context", context: route, [route]: parentId });
    expect(inTrace(all)).toBe(true);
    const connection = all.find(({ name }) => name === route);
    expect(connection?.attributes["syrinx.trace_id"]).toBe(client.headers["x-trace-id"]);
    const context = all.find(({ name }) => name === "context");
    expect(context?.events.map(({ name }) => name)).toEqual([
      "text",
      "speaking",
      "first_audio",
      "paused",
      "final",
    ]);
  });

  it("show a request in the trace of its caller", async () => {
    const response = await fetch(`${server.url}/v1/text-to-speech/tone`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent },
      body: JSON.stringify({ text }),
    });
    await response.arrayBuffer();
    const all = await spans(3);
    const route = "POST /v1/text-to-speech/:voice_id";
    expect(tree(all)).toEqual({ utterance: "context", context: route, [route]: parentId });
    expect(inTrace(all)).toBe(true);
  });

  it("hold neither text nor names that the client chose", async () => {
    const path = "/v1/text-to-speech/tone/multi-stream-input";
    const query = "xi-api-key=sk_secret_key";
    const client = await openStreamInput(server.wsUrl, { path, query });
    client.send({ context_id: "swordfish", text: `${text} `, flush: true });
    await client.frame(({ audio }) => typeof audio === "string");
    client.socket.close();
    const all = await spans(3);
    const told = JSON.stringify(
      all.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    expect(told).toContain("client_closed");
    expect(told).not.toMatch(/swordfish|secret/i);
  });
});
