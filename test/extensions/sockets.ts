import { profilePaths, toneBytes, type ToneBench } from "../conformance/bench.ts";
import type { ExtendedFrame, StreamInput } from "../support/stream-input.ts";

export const pcm = "output_format=pcm_16000";
export const hello = "Hello there. ";
export const again = "And here again. ";
/** How long a text of the tone engine lasts. */
export const toneMs = (text: string): number => toneBytes(text) / 32;

/** The two sockets, and how one context is spoken of on each. */
export const sockets = [
  { socket: "stream-input", of: {}, naming: {}, end: { text: "" } },
  {
    socket: "multi-stream-input",
    of: { context_id: "a" },
    naming: { contextId: "a", context_id: "a" },
    end: { context_id: "a", close_context: true },
  },
] as const;

export type SocketName = (typeof sockets)[number]["socket"];

export const pathOf = (socket: SocketName, base: string = profilePaths.kind): string =>
  `${base}/tone/${socket}`;

/** Opens a socket with `ext=1`. */
export const openExtended = (
  bench: ToneBench,
  socket: SocketName,
  query = "",
): Promise<StreamInput> => bench.open({ path: pathOf(socket), query: `${pcm}&ext=1&${query}` });

/** Frames of one type so far. */
export const typed = ({ frames }: StreamInput, type: string): ExtendedFrame[] =>
  frames.filter((frame) => frame.type === type);

/** What kind of frame each is, in order; frames of the same kind in a row count once. */
export function courseOf(frames: readonly ExtendedFrame[]): string[] {
  const kinds = frames.map(
    ({ type, audio, error }) => type ?? (error ? "error" : audio === null ? "final" : "audio"),
  );
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
}

export const isFinalFrame = ({ isFinal }: ExtendedFrame): boolean => isFinal === true;

/** The codes of the warnings so far. */
export const warningsOf = (client: StreamInput): unknown[] =>
  typed(client, "warning").map(({ code }) => code);

/** Resolves with the first frame of that type. */
export const told = (client: StreamInput, type: string): Promise<ExtendedFrame> =>
  client.frame((frame) => frame.type === type);
