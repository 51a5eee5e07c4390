import { z } from "zod";
import type { SocketEnd } from "./client-socket.ts";
import type { Failure } from "./failure.ts";

/** A server and what is asked of it. */
export interface Target {
  /** Where it is, such as `https://api.elevenlabs.io`; a path before `/v1` is kept. */
  readonly url: string;
  readonly apiKey?: string;
  /** An id; Syrinx also takes names. */
  readonly voice: string;
  readonly model?: string;
  /** An `output_format` of the protocol. */
  readonly format: string;
  /** Further parameters of the socket's address, such as `auto_mode`. */
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * `single`: a `stream-input` socket for each turn. `multi`: one `multi-stream-input` socket for each
 * stream, with a context for each turn.
 */
export type SocketUse = "single" | "multi";

/** A frame of the server, as far as a listener needs it. */
export interface ServerFrame {
  readonly audio?: string | undefined;
  readonly isFinal?: boolean | undefined;
  readonly alignment?: { readonly chars: readonly string[] } | undefined;
  readonly contextId?: string | undefined;
  readonly error?: string | undefined;
  readonly message?: string | undefined;
  readonly code?: string | number | undefined;
}

/** What has another type than it should, such as null, counts as absent. */
const frameSchema: z.ZodType<ServerFrame> = z.object({
  audio: z.string().optional().catch(undefined),
  isFinal: z.boolean().optional().catch(undefined),
  alignment: z
    .object({ chars: z.array(z.string()) })
    .optional()
    .catch(undefined),
  contextId: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
});

const paths: Readonly<Record<SocketUse, string>> = {
  single: "stream-input",
  multi: "multi-stream-input",
};

/** The address of a socket. @throws {TypeError} when the target's is none */
export function socketUrl(target: Target, use: SocketUse): string {
  const url = new URL(target.url);
  url.protocol = url.protocol.replace("http", "ws");
  const base = url.pathname.replace(/\/(?:v1\/?)?$/, "");
  url.pathname = `${base}/v1/text-to-speech/${encodeURIComponent(target.voice)}/${paths[use]}`;
  url.searchParams.set("output_format", target.format);
  // Pauses between turns are part of the scenario and no reason to be cut off.
  url.searchParams.set("inactivity_timeout", "180");
  if (target.model !== undefined) url.searchParams.set("model_id", target.model);
  for (const [name, value] of Object.entries(target.query ?? {})) url.searchParams.set(name, value);
  return url.href;
}

export function socketHeaders({ apiKey }: Target): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { "xi-api-key": apiKey };
}

/** The messages of a turn: what opens it, a piece of its text, and what ends it. */
export interface TurnMessages {
  readonly begin: string;
  text(piece: string): string;
  readonly end: readonly string[];
}

/** `context` names the turn on a socket of many. */
export function turnMessages(context: string | undefined): TurnMessages {
  const named = context === undefined ? {} : { context_id: context };
  return {
    begin: JSON.stringify({ text: " ", ...named }),
    text: (text) => JSON.stringify({ text, ...named }),
    end:
      context === undefined
        ? [JSON.stringify({ text: "" })]
        : [
            JSON.stringify({ text: "", flush: true, ...named }),
            JSON.stringify({ close_context: true, ...named }),
          ],
  };
}

const decoder = new TextDecoder();

/** Undefined for what is no JSON object. */
export function readFrame(data: Uint8Array): ServerFrame | undefined {
  try {
    return frameSchema.safeParse(JSON.parse(decoder.decode(data))).data;
  } catch {
    return undefined;
  }
}

/** Whether a frame belongs to the turn with this name; one without a name does. */
export function isOfTurn({ contextId }: ServerFrame, context: string | undefined): boolean {
  return context === undefined || contextId === undefined || contextId === context;
}

/** What an error frame tells; undefined for all others. */
export function failureOfFrame({ error, message, code }: ServerFrame): Failure | undefined {
  if (error === undefined && message === undefined) return undefined;
  return {
    kind: "error",
    code: error ?? String(code ?? "without a name"),
    ...(message !== undefined && { reason: message }),
  };
}

export function failureOfEnd(end: SocketEnd): Failure {
  switch (end.kind) {
    case "closed":
      return { kind: "closed", code: String(end.code), reason: end.reason };
    case "unreachable":
      return { kind: "unreachable", code: end.code || end.reason };
    case "refused": {
      const { code, message } = readRefusal(end.body);
      return {
        kind: "refused",
        code: code === undefined ? String(end.status) : `${end.status} ${code}`,
        ...(message !== undefined && { reason: message }),
      };
    }
  }
}

const refusalSchema = z.object({
  detail: z.object({
    code: z.string().optional().catch(undefined),
    status: z.string().optional().catch(undefined),
    message: z.string().optional().catch(undefined),
  }),
});

/** The members of the protocol's error body; anybody else's answer has none of them. */
function readRefusal(body: string): { code?: string | undefined; message?: string | undefined } {
  try {
    const detail = refusalSchema.safeParse(JSON.parse(body)).data?.detail;
    return { code: detail?.code ?? detail?.status, message: detail?.message };
  } catch {
    return {};
  }
}
