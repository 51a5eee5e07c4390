import type { Clock } from "../../clock.ts";
import type { Pcm } from "../synthesizer.ts";
import { AlignedSpeech } from "./aligned-speech.ts";
import { createLineReader, formatSettings } from "./elevenlabs-wire.ts";
import { createHttpConnections, type PostAnswer } from "./http-post.ts";
import { linesOf } from "./lines.ts";
import { durationMs, type SpeechRequest, type UpstreamClient } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import type { Patience } from "./watchdog.ts";

/** Any server with ElevenLabs' `stream/with-timestamps`: the hosted one, or another of our own. */
export function createElevenLabsHttpClient(
  base: URL,
  key: string | undefined,
  clock: Clock,
  patience: Patience,
): UpstreamClient {
  const connections = createHttpConnections(base, clock, patience);
  const headers = key === undefined ? {} : { "xi-api-key": key };
  return {
    async *speak(request, signal) {
      const { manifest, plain, settings, sampleRateHz } = request;
      const url = speechAddress(base, manifest.voice, "stream/with-timestamps");
      url.searchParams.set("output_format", `pcm_${sampleRateHz}`);
      const voice_settings = formatSettings(settings);
      const json = {
        text: plain.text.trim(),
        ...(manifest.model !== undefined && { model_id: manifest.model }),
        ...(voice_settings && { voice_settings }),
      };
      const answer = await connections.post({ url, headers, json }, signal);
      if (/^(?:audio|text\/html)/i.test(answer.contentType)) {
        answer.dismiss();
        throw new UpstreamFailure("bad_answer");
      }
      yield* readLines(answer, request);
    },
    close: () => connections.close(),
  };
}

/** With or without the version, as users copy it from somewhere. */
export function speechAddress(base: URL, voice: string, method: string): URL {
  const url = new URL(base);
  const path = url.pathname.replace(/\/+$/, "");
  const root = path.endsWith("/v1") ? path : `${path}/v1`;
  url.pathname = `${root}/text-to-speech/${encodeURIComponent(voice)}/${method}`;
  return url;
}

async function* readLines(answer: PostAnswer, request: SpeechRequest): AsyncGenerator<Pcm> {
  const speech = new AlignedSpeech(request);
  const read = createLineReader(request.sampleRateHz);
  for await (const line of linesOf(answer.body)) {
    const audio = read(line);
    answer.received(durationMs(audio.samples.length, request.sampleRateHz));
    const piece = speech.add(audio);
    if (piece) yield piece;
  }
  yield speech.finish();
}
