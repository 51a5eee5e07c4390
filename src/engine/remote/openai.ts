import type { Clock } from "../../clock.ts";
import type { Pcm } from "../synthesizer.ts";
import { PcmReader } from "./pcm-reader.ts";
import { createHttpConnections, type HttpConnections, type PostAnswer } from "./http-post.ts";
import { PieceBuilder } from "./piece-builder.ts";
import { ProgressiveTimings } from "./progressive-timings.ts";
import {
  checkLength,
  durationMs,
  type SpeechRequest,
  type UpstreamClient,
} from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { Patience } from "./watchdog.ts";

/** What its documents promise for bare PCM. */
export const openAiRateHz = 24_000;
/** What is asked of it: without a header nothing is lost while the length is not known. */
const formats = ["pcm", "wav"] as const;
const defaultModel = "tts-1";
/** Speech that is faster has left something out. */
const fastestMsPerLetter = 10;

/** Any server with OpenAI's `POST /v1/audio/speech`. */
export function createOpenAiClient(
  base: URL,
  key: string | undefined,
  clock: Clock,
  patience: Patience,
): UpstreamClient {
  const connections = createHttpConnections(base, clock, patience);
  const url = speechAddress(base);
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  /** The format that the server is known to take. */
  let format: (typeof formats)[number] = formats[0];

  /** Some servers know one of the two formats only. */
  const ask = async (request: SpeechRequest, signal: AbortSignal): Promise<PostAnswer> => {
    const post = (response_format: string): ReturnType<HttpConnections["post"]> =>
      connections.post({ url, headers, json: { ...bodyOf(request), response_format } }, signal);
    try {
      return await post(format);
    } catch (error) {
      const isRefused = error instanceof UpstreamFailure && error.code === "request_refused";
      if (!isRefused || format !== formats[0]) throw error;
      const answer = await post(formats[1]);
      format = formats[1];
      return answer;
    }
  };

  return {
    async *speak(request, signal) {
      yield* readSpeech(await ask(request, signal), request);
    },
    close: () => connections.close(),
  };
}

function bodyOf({ plain, manifest }: SpeechRequest): object {
  return {
    model: manifest.model ?? defaultModel,
    voice: manifest.voice,
    input: plain.text.trim(),
  };
}

/** With or without the version, and what follows it, as users copy it from somewhere. */
function speechAddress(base: URL): URL {
  const url = new URL(base);
  const path = url.pathname.replace(/\/+$/, "").replace(/\/audio\/speech$/, "");
  url.pathname = `${path.endsWith("/v1") ? path : `${path}/v1`}/audio/speech`;
  return url;
}

async function* readSpeech(answer: PostAnswer, request: SpeechRequest): AsyncGenerator<Pcm> {
  const { plain, manifest, pace } = request;
  const bareRateHz = readRate(answer, manifest.sample_rate ?? openAiRateHz);
  const reader = new PcmReader(bareRateHz, answer.contentLength);
  let speech: { builder: PieceBuilder; timings: ProgressiveTimings } | undefined;
  for await (const bytes of answer.body) {
    const samples = reader.read(bytes);
    const { format } = reader;
    if (!format || samples.length === 0) continue;
    const { sampleRateHz, totalSamples } = format;
    answer.received(durationMs(samples.length, sampleRateHz));
    const { text } = plain;
    speech ??= {
      builder: new PieceBuilder(plain, sampleRateHz),
      timings: new ProgressiveTimings(text, sampleRateHz, pace.pace, totalSamples),
    };
    const { builder, timings } = speech;
    builder.addSamples(samples);
    checkLength(builder.received, sampleRateHz, request);
    builder.addUnitEnds(timings.hear(samples));
    const piece = builder.take();
    if (piece) yield piece;
  }
  if (!speech) throw new UpstreamFailure("no_audio");
  const { heard } = speech.timings;
  if (heard.msPerLetter < fastestMsPerLetter) throw new UpstreamFailure("incomplete");
  pace.learn(heard);
  const last = speech.builder.finish();
  if (last) yield last;
}

const usableType = /^(?:audio\/(?!mpeg|mp3|ogg|opus|aac|flac|webm)|application\/octet-stream|$)/i;

/** The rate of bare samples, if the answer tells; with a header they tell it themselves. */
function readRate(answer: PostAnswer, expectedHz: number): number {
  const { contentType } = answer;
  if (!usableType.test(contentType)) {
    answer.dismiss();
    throw new UpstreamFailure(/^audio/i.test(contentType) ? "unusable_audio" : "bad_answer");
  }
  const told = Number(/;\s*rate=(\d+)/i.exec(contentType)?.[1]);
  return told >= 8000 && told <= 48_000 ? told : expectedHz;
}
