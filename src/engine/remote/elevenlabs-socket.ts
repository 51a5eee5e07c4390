import type { Clock } from "../../clock.ts";
import { type AlignedAudio, AlignedSpeech } from "./aligned-speech.ts";
import { ContextSocket } from "./context-socket.ts";
import { speechAddress } from "./elevenlabs-http.ts";
import { createFrameReader, formatSettings, type WireFrame } from "./elevenlabs-wire.ts";
import { durationMs, type SpeechRequest, type UpstreamClient } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { type Patience, Watchdog } from "./watchdog.ts";

/** The longest that the vendor lets a socket be silent: in pauses of a conversation it stays open. */
const inactivitySeconds = 180;

/**
 * Any server with ElevenLabs' `multi-stream-input`: sockets stay open between utterances, which
 * spares the next one the time of a handshake.
 */
export function createElevenLabsSocketClient(
  base: URL,
  key: string | undefined,
  clock: Clock,
  patience: Patience,
): UpstreamClient {
  const headers: Record<string, string> = key === undefined ? {} : { "xi-api-key": key };
  /** By their addresses, which name voice, model and format. */
  const sockets = new Map<string, Set<ContextSocket>>();

  const socketFor = (url: URL): ContextSocket => {
    let known = sockets.get(url.href);
    if (!known) sockets.set(url.href, (known = new Set()));
    for (const socket of known) if (socket.isFree) return socket;
    const socket: ContextSocket = new ContextSocket(url, headers, () => {
      known.delete(socket);
      if (known.size === 0) sockets.delete(url.href);
    });
    known.add(socket);
    return socket;
  };

  return {
    async *speak(request, signal) {
      signal.throwIfAborted();
      const speech = new AlignedSpeech(request);
      for await (const audio of ask(socketFor(addressOf(base, request)), request, signal)) {
        const piece = speech.add(audio);
        if (piece) yield piece;
      }
      yield speech.finish();
    },
    close() {
      for (const known of [...sockets.values()]) for (const socket of [...known]) socket.drop();
    },
  };

  /** What the frames of one utterance hold. */
  async function* ask(
    socket: ContextSocket,
    { plain, settings, sampleRateHz }: SpeechRequest,
    signal: AbortSignal,
  ): AsyncGenerator<AlignedAudio> {
    const read = createFrameReader(sampleRateHz);
    const frames: WireFrame[] = [];
    const { isReused } = socket;
    let failure: unknown;
    let wake = (): void => {};
    const fail = (reason: unknown): void => {
      failure ??= reason;
      wake();
    };
    const watchdog = new Watchdog(clock, patience, fail);
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    watchdog.connecting();
    const voice_settings = formatSettings(settings);
    const message = { text: plain.text, ...(voice_settings && { voice_settings }) };
    let isOver = false;
    socket.ask(message, {
      onAsked: () => watchdog.asked(),
      onFrame(frame) {
        frames.push(frame);
        isOver = frame.isFinal === true;
        if (isOver) watchdog.end();
        wake();
      },
      onFailed: ({ code, details }) => {
        const isDead = isReused && code === "closed_early";
        fail(new UpstreamFailure(code, { ...details, isReused: isDead }));
      },
    });
    try {
      for (;;) {
        signal.throwIfAborted();
        const frame = frames.shift();
        if (frame?.isFinal === true) return;
        if (frame) {
          const audio = read(frame);
          watchdog.received(durationMs(audio.samples.length, sampleRateHz));
          yield audio;
        } else if (failure !== undefined) {
          throw failure;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      watchdog.end();
      signal.removeEventListener("abort", onAbort);
      // What is not wanted any more, or came too late, is not worth anybody's work.
      if (!isOver) socket.drop();
    }
  }
}

function addressOf(base: URL, { manifest, sampleRateHz }: SpeechRequest): URL {
  const url = speechAddress(base, manifest.voice, "multi-stream-input");
  if (manifest.model !== undefined) url.searchParams.set("model_id", manifest.model);
  url.searchParams.set("output_format", `pcm_${sampleRateHz}`);
  url.searchParams.set("inactivity_timeout", String(inactivitySeconds));
  return url;
}
