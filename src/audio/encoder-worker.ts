import { parentPort } from "node:worker_threads";
import { createEncoder, type Encoder } from "./encoder.ts";
import type { EncoderAnswer, EncoderRequest } from "./encoder-threads.ts";

const port = parentPort;
if (!port) throw new Error("This module runs as a worker thread");

const encoders = new Map<number, Promise<Encoder>>();

port.on("message", (request: EncoderRequest) => {
  const { stream } = request;
  if (request.type === "open") {
    const encoder = createEncoder(request.format, request.inputRateHz);
    encoder.catch(() => {});
    encoders.set(stream, encoder);
  } else if (request.type === "close") {
    encoders.delete(stream);
  } else {
    void answer(request);
  }
});

/** Requests of one stream are answered in order: all of them wait for the same promise. */
async function answer(
  request: Extract<EncoderRequest, { type: "encode" | "finish" }>,
): Promise<void> {
  const { stream } = request;
  try {
    const encoder = await encoders.get(stream);
    if (!encoder) return;
    const bytes =
      request.type === "finish"
        ? encoder.finish()
        : encoder.encode(request.samples, request.endsUtterance);
    const own = new Uint8Array(bytes);
    port?.postMessage({ stream, bytes: own } satisfies EncoderAnswer, [own.buffer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    port?.postMessage({ stream, error: reason } satisfies EncoderAnswer);
  }
}
