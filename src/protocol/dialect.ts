import type { Account, Scope } from "./accounts.ts";
import type { AudioFormat } from "./audio-format.ts";
import type { Problem } from "./problems.ts";
import type { DictionaryLocator } from "./pronunciation.ts";
import type { AudioEvent, Command, Credential, Event, SessionPlan } from "./speech.ts";

/** The parameters of a URL; `URLSearchParams` is one. */
export interface Query {
  get(name: string): string | null;
  getAll(name: string): string[];
  keys(): Iterable<string>;
}

/** What a dialect sees of a request before its body. */
export interface RequestHead {
  /** The `:name` parts of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** By lower-case name. */
  header(name: string): string | undefined;
}

export interface HttpRequest extends RequestHead {
  /** Names the request to its client: 20 letters and digits. */
  readonly id: string;
  /** Whoever asks. */
  readonly account: Account;
  /** The parsed JSON body, or the form where the route takes one; undefined without one. */
  readonly body: unknown;
}

/** The body of a route that takes `multipart/form-data` (RFC 7578). */
export interface MultipartForm {
  /** By name; of fields with one name the last one. */
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly UploadedFile[];
}

export interface UploadedFile {
  /** Name of the form's field. */
  readonly field: string;
  readonly bytes: Uint8Array;
}

/** How a dialect says no over HTTP, also to an upgrade. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Largest message of a client that a socket takes. */
export const maxMessageBytes = 1_048_576;

/** One WebSocket message; bytes are UTF-8 text unless it is binary. */
export interface WireMessage {
  readonly data: string | Uint8Array;
  readonly isBinary: boolean;
}

/** Wire messages to commands and events to wire messages, for one connection. */
export interface SocketCodec {
  /** `data` is one message; a binary one comes as bytes. Never throws. */
  decode(data: string | Uint8Array): Command[];
  /** The messages that tell the client of an event; bytes may be in memory from `allocate`. */
  encode(
    event: Exclude<Event, { type: "close" }>,
    allocate: (sizeBytes: number) => Uint8Array,
  ): readonly WireMessage[];
  /** Code and reason of the Close frame; the reason fits 123 bytes. */
  close(problem: Problem | undefined): { readonly code: number; readonly reason: string };
}

/** What a dialect makes of an upgrade request. */
export interface SocketOpening {
  readonly plan: SessionPlan;
  readonly codec: SocketCodec;
  /** Whether pings of the client count as its being there. */
  readonly pingsKeepAlive: boolean;
  /** While the client waits for speech, it is sent a ping after so long without a frame. */
  readonly owedPingMs: number | undefined;
}

/** A path that is opened as a WebSocket. */
export interface SocketRoute {
  readonly path: string;
  /** The credential that an upgrade shows. */
  credential(head: RequestHead): Credential | undefined;
  /**
   * When a credential is due. `upgrade`: whoever shows none, or a bad one, is refused before anything
   * else is looked at; `message`: it may still come, and the server's setting says how a bad one is refused.
   */
  readonly credentialDue: "upgrade" | "message";
  /** Reads the request, which `traceId` names. @throws {SpeechError} what refuses the upgrade */
  open(head: RequestHead, traceId: string): Promise<SocketOpening>;
}

export interface JsonAnswer {
  readonly type: "json";
  /** 200 unless given. */
  readonly status?: number;
  readonly body: unknown;
}

export interface FileAnswer {
  readonly type: "file";
  readonly contentType: string;
  readonly bytes: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request that is answered by speaking. */
export interface SpeechAnswer {
  readonly type: "speech";
  readonly plan: SessionPlan;
  readonly text: string;
  /** The versions of pronunciation dictionaries to speak with. */
  readonly dictionaries: readonly DictionaryLocator[];
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `whole`: `encode` is given the audio when all of it is there, and so is the client. */
  readonly delivery: "whole" | "stream";
  /** The response's body, piece by piece; nothing is sent before the first audio is there. */
  encode(audio: AsyncIterable<AudioEvent>): AsyncIterable<Uint8Array | string>;
}

/** Sound that was kept. */
export interface SoundAnswer {
  readonly type: "sound";
  /** The form in which it was kept. */
  readonly kept: AudioFormat;
  /** The form in which it is answered. */
  readonly format: AudioFormat;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The sound as it was kept, part by part. @throws {SpeechError} when it is gone */
  read(): AsyncIterable<Uint8Array>;
}

export interface ArchiveEntry {
  /** Of the file. */
  readonly name: string;
  readonly modifiedAtUnix: number;
  readonly content: SpeechAnswer | SoundAnswer;
}

/** Several sounds, made one after another, each in a file of one zip archive. */
export interface ArchiveAnswer {
  readonly type: "archive";
  readonly entries: readonly ArchiveEntry[];
  readonly headers: Readonly<Record<string, string>>;
}

export type HttpAnswer = JsonAnswer | FileAnswer | SpeechAnswer | SoundAnswer | ArchiveAnswer;

export interface HttpRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** What a key must be good for. */
  readonly scope: Scope;
  /**
   * What `answer` is given as the body: the parsed JSON unless told otherwise, a `MultipartForm`,
   * or nothing, whatever was sent.
   */
  readonly takes?: "form" | "nothing";
  /** @throws {SpeechError} what refuses the request */
  answer(request: HttpRequest): Promise<HttpAnswer>;
}

/** One family of wire protocols over the same sessions. */
export interface Dialect {
  readonly name: string;
  readonly sockets: readonly SocketRoute[];
  readonly http: readonly HttpRoute[];
  /** The credential of a request, undefined if it shows none. */
  credential(head: RequestHead): Credential | undefined;
  refuse(problem: Problem, requestId: string): Refusal;
}

/** Tells a problem from whatever else may stand in its place. */
export function isProblem(value: object): value is Problem {
  return "code" in value && "details" in value;
}
