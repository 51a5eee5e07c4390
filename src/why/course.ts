import { type MessageFacts, readMessage } from "./message-facts.ts";
import type { Trace, TraceEvent, Vendor } from "./trace.ts";

type EventOf<Type extends TraceEvent["type"]> = TraceEvent & { readonly type: Type };

/** A message of a connection, read. */
export interface Message {
  readonly by: "client" | "server";
  readonly atMs: number | undefined;
  /** Its place among all events. */
  readonly index: number;
  readonly event: EventOf<"sent" | "received">;
  readonly facts: MessageFacts;
}

/** Which of the known endpoints a connection speaks with. */
export type Route = "stream-input" | "multi-stream-input" | "waves" | "agents";

/** A trace as rules look at it: its messages read, its end found. */
export interface Course {
  readonly trace: Trace;
  readonly vendor: Vendor | undefined;
  readonly route: Route | undefined;
  /** The parameters of the address. */
  readonly query: URLSearchParams;
  readonly path: string;
  readonly messages: readonly Message[];
  readonly sent: readonly Message[];
  readonly received: readonly Message[];
  readonly logs: readonly EventOf<"log">[];
  readonly refusals: readonly EventOf<"handshake_failed">[];
  /** How it ended: the first closing that tells more than that all is well. */
  readonly close: EventOf<"close"> | undefined;
  readonly openedAtMs: number | undefined;
}

/** Reads a trace for the rules. */
export function readCourse(trace: Trace): Course {
  const messages = trace.events.flatMap((event, index) => readAny(event, index) ?? []);
  const { path, query } = splitUrl(trace.url ?? "");
  const route = routeOf(trace, path, messages);
  const closes = trace.events.filter((event) => event.type === "close");
  return {
    trace,
    vendor: trace.vendor ?? vendorOfRoute(route),
    route,
    query,
    path,
    messages,
    sent: messages.filter(({ by }) => by === "client"),
    received: messages.filter(({ by }) => by === "server"),
    logs: trace.events.filter((event) => event.type === "log"),
    refusals: trace.events.filter((event) => event.type === "handshake_failed"),
    close: closes.find(({ code }) => code !== undefined && code !== 1000) ?? closes[0],
    openedAtMs: trace.events.find(({ type }) => type === "open" || type === "connecting")?.atMs,
  };
}

function readAny(event: TraceEvent, index: number): Message | undefined {
  if (event.type !== "sent" && event.type !== "received") return undefined;
  return {
    by: event.type === "sent" ? "client" : "server",
    atMs: event.atMs,
    index,
    event,
    facts: readMessage(event.data ?? ""),
  };
}

function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const [address = "", query = ""] = url.split("?", 2);
  return { path: address.replace(/^\w+:\/\/[^/]*/, ""), query: new URLSearchParams(query) };
}

function routeOf({ vendor }: Trace, path: string, messages: readonly Message[]): Route | undefined {
  if (/\/convai\//.test(path) || vendor === "elevenlabs-agents") return "agents";
  if (/multi-stream-input/.test(path)) return "multi-stream-input";
  if (/stream-input/.test(path)) return "stream-input";
  if (/get_speech|\/tts\/live|\/waves\//.test(path) || vendor === "waves") return "waves";
  const usesContexts = messages.some(({ facts }) => facts.contextId !== undefined);
  if (usesContexts && vendor === "elevenlabs") return "multi-stream-input";
  const isStream = messages.some(({ facts }) => facts.voiceSettings !== undefined);
  return isStream && vendor !== undefined ? "stream-input" : undefined;
}

const vendorOfRoute = (route: Route | undefined): Vendor | undefined =>
  route === undefined
    ? undefined
    : route === "agents"
      ? "elevenlabs-agents"
      : route === "waves"
        ? "waves"
        : "elevenlabs";

/** Whether a text has something to speak in it. */
export const isSpeakable = ({ facts }: Message): boolean => (facts.text ?? "").trim() !== "";

/** How long nothing had passed between two moments; undefined where one of them has no time. */
export const between = (
  fromMs: number | undefined,
  toMs: number | undefined,
): number | undefined => (fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs);

/** The last of some events that has a time before a moment. */
export function lastBefore<Timed extends { readonly atMs: number | undefined }>(
  events: readonly Timed[],
  atMs: number | undefined,
): Timed | undefined {
  if (atMs === undefined) return undefined;
  return events.findLast((event) => event.atMs !== undefined && event.atMs <= atMs);
}
