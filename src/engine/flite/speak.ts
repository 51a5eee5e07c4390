import { align } from "../../text/align.ts";
import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import { normalize } from "../../text/normalize.ts";
import { rewrite } from "../../text/rewrite.ts";
import { createScript } from "./script.ts";
import type { FliteJob, FliteResult } from "./job.ts";
import { type FliteProgram, type FliteSpeech, trimSilence } from "./program.ts";

/** Flite puts 220 ms of silence at both ends of what it speaks; listeners wait for the first. */
const leadMs = 20;
/** Silence kept after an utterance that ends in mid-sentence, at a clause end, a sentence end. */
const tailMs: Record<PauseStrength, number> = { 0: 30, 1: 130, 2: 220 };
/** How long a text is that has nothing the voice could say: it still has its place in time. */
const silentMs = 20;

/** Speaks one utterance and says when each of its characters is heard. */
export function speak(program: FliteProgram, job: FliteJob): Omit<FliteResult, "synthesisMs"> {
  const { text, voice, language, speed, markup, normalization, pronunciations } = job;
  const rewriting = rewrite(text, markup, pronunciations);
  const normalized = normalize(text, rewriting, { language, isPlain: normalization === "off" });
  const tail = tailMs[pauseAfter((rewriting?.text ?? text).trimEnd().slice(-40))];
  const script = createScript(normalized);
  const speech =
    script.text !== ""
      ? trimSilence(program.speak(script, voice, 1 / speed), leadMs / speed, tail / speed)
      : silence();
  const { samples, sampleRateHz, phones } = speech;
  const totalSamples = samples.length;
  const alignment = align({ text, normalized, phones, totalSamples, sampleRateHz });
  return { samples, alignment };
}

const silence = (): FliteSpeech => ({
  samples: new Int16Array((16_000 * silentMs) / 1000),
  sampleRateHz: 16_000,
  phones: [],
});
