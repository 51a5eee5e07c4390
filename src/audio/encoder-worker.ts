import { parentPort } from "node:worker_threads";
import type { Encoder } from "./codec.ts";
import type { Decoder } from "./codec.ts";
import { createDecoder } from "./decoder.ts";
import { createEncoder } from "./encoder.ts";
import type { EncoderAnswer, EncoderRequest } from "./encoder-thread.ts";

const port = parentPort;
if (!port) throw new Error("This module runs as a worker thread");

interface Coders {
  readonly encoder: Encoder;
  /** Of a stream that comes coded. */
  readonly decoder: Decoder | undefined;
}

interface Stream {
  readonly coders: Promise<Coders>;
  /** What is kept of the utterance that is being coded, and where in it that begins. */
  samples: Int16Array;
  startSample: number;
  /** How much of the utterance has been coded. */
  coded: number;
}

const streams = new Map<number, Stream>();
const noSamples = new Int16Array(0);

port.on("message", (request: EncoderRequest) => {
  if (request.type === "open") {
    const coders = createCoders(request);
    coders.catch(() => {});
    streams.set(request.stream, { coders, samples: noSamples, startSample: 0, coded: 0 });
    return;
  }
  const stream = streams.get(request.stream);
  if (!stream) return;
  if (request.type === "close") {
    streams.delete(request.stream);
    void closeDecoder(stream);
  } else {
    void handle(request, stream);
  }
});

async function createCoders({
  format,
  inputRateHz,
  source,
}: Extract<EncoderRequest, { type: "open" }>): Promise<Coders> {
  const encoder = await createEncoder(format, inputRateHz);
  return { encoder, decoder: source && (await createDecoder(source)) };
}

/** Encoders need no closing. */
async function closeDecoder({ coders }: Stream): Promise<void> {
  const { decoder } = await coders.catch((): Partial<Coders> => ({}));
  decoder?.close();
}

/** Requests of one stream are handled in order: all of them wait for the same promise. */
async function handle(
  request: Extract<EncoderRequest, { type: "utterance" | "pull" | "recode" | "finish" }>,
  stream: Stream,
): Promise<void> {
  const id = request.stream;
  try {
    const { encoder, decoder } = await stream.coders;
    switch (request.type) {
      case "utterance":
        Object.assign(stream, { samples: request.samples, startSample: 0, coded: 0 });
        return;
      case "pull":
        return answer(id, encodeUpTo(request.end, stream, encoder));
      case "recode":
        return answer(id, encoder.encode(decoder?.decode(request.bytes) ?? noSamples));
      case "finish":
        return answer(id, encoder.finish());
    }
  } catch (error) {
    // What nobody waits for has no answer; whoever pulls next is told.
    if (request.type === "utterance") return;
    const reason = error instanceof Error ? error.message : String(error);
    port?.postMessage({ stream: id, error: reason } satisfies EncoderAnswer);
  }
}

function encodeUpTo(end: number, stream: Stream, encoder: Encoder): Uint8Array {
  const { samples, startSample, coded } = stream;
  const done = end - startSample;
  const isLast = done === samples.length;
  const bytes = encoder.encode(samples.subarray(coded - startSample, done), isLast);
  stream.coded = end;
  // A reader that stalls keeps the rest waiting for long; to let go of each piece would copy too much.
  if (done > samples.length / 4) {
    stream.samples = isLast ? noSamples : samples.slice(done);
    stream.startSample = end;
  }
  return bytes;
}

function answer(stream: number, piece: Uint8Array): void {
  // What is transferred must be nobody else's.
  const bytes = piece.byteLength === piece.buffer.byteLength ? piece : piece.slice();
  const message: EncoderAnswer = { stream, bytes };
  port?.postMessage(message, [bytes.buffer as ArrayBuffer]);
}
