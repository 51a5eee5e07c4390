import { type OpenOptions, openStreamInput, type StreamInput } from "./stream-input.ts";

/** Any frame of a Waves socket; which members are there depends on its status. */
export interface WavesFrame {
  readonly status: string;
  readonly session_id?: string;
  readonly request_id?: string;
  readonly external_session_id?: string;
  readonly external_request_id?: string;
  readonly context_id?: string;
  readonly data?: {
    readonly audio?: string;
    readonly id?: number;
    readonly word?: string;
    readonly start?: number;
    readonly end?: number;
  };
  readonly message?: string;
  readonly done?: boolean;
  readonly error?: { readonly message: string; readonly code: string };
  readonly errors?: readonly {
    readonly code: string;
    readonly path: readonly string[];
    readonly message: string;
  }[];
}

/** A plain client of `/waves/v1/tts/live`. */
export interface WavesClient {
  readonly socket: StreamInput["socket"];
  readonly closed: StreamInput["closed"];
  readonly raw: readonly string[];
  readonly frames: readonly WavesFrame[];
  send(...messages: (object | string)[]): void;
  settled(): Promise<void>;
  /** Resolves when so many frames of a status have come, with the last of them. */
  heard(status: string, count?: number): Promise<WavesFrame>;
  /** All audio so far, or that of one request. */
  audio(requestId?: string): Buffer;
}

export const livePath = "/waves/v1/tts/live";

/** Opens a Waves socket. @throws {Refused} */
export async function openWaves(wsUrl: string, options: OpenOptions = {}): Promise<WavesClient> {
  return wavesClient(await openStreamInput(wsUrl, { path: livePath, ...options }));
}

/** A client that speaks Waves over a socket that is open. */
export function wavesClient(client: StreamInput): WavesClient {
  const frames = client.frames as unknown as WavesFrame[];
  const of = (status: string): WavesFrame[] => frames.filter((frame) => frame.status === status);
  return {
    socket: client.socket,
    closed: client.closed,
    raw: client.raw,
    frames,
    send: (...messages) => client.send(...messages),
    settled: () => client.settled(),
    async heard(status, count = 1) {
      await client.frame(() => of(status).length >= count);
      const frame = of(status)[count - 1];
      if (!frame) throw new Error(`no ${status}`);
      return frame;
    },
    audio: (requestId) =>
      Buffer.concat(
        of("chunk")
          .filter(({ request_id }) => requestId === undefined || request_id === requestId)
          .map(({ data }) => Buffer.from(data?.audio ?? "", "base64")),
      ),
  };
}

/** The statuses of frames in their order, each once for a run of the same. */
export const courseOf = (frames: readonly WavesFrame[]): string[] =>
  frames.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
