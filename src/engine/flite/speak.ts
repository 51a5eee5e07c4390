import { amplify } from "../../audio/limiter.ts";
import { align } from "../../text/align.ts";
import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import { normalize } from "../../text/normalize.ts";
import { rewrite } from "../../text/rewrite.ts";
import { stretchSpeech } from "../stages/stretch.ts";
import { createScript } from "./script.ts";
import type { Pcm } from "../synthesizer.ts";
import type { FliteJob } from "./job.ts";
import { type FliteProgram, type FliteSpeech, trimSilence } from "./program.ts";
import { fastestSpeed, voiceTraits } from "./voice-traits.ts";

/** Flite puts 220 ms of silence at both ends of what it speaks; listeners wait for the first. */
const leadMs = 20;
/** Silence kept after an utterance that ends in mid-sentence, at a clause end, a sentence end. */
const tailMs: Record<PauseStrength, number> = { 0: 30, 1: 130, 2: 220 };
/** How long a text is that has nothing the voice could say: it still has its place in time. */
const silentMs = 20;

/** Speaks one utterance and says when each of its characters is heard. */
export function speak(program: FliteProgram, job: FliteJob): Pcm {
  const { text, voice, language, speed, markup, normalization, pronunciations } = job;
  const rewriting = rewrite(text, markup, pronunciations);
  const normalized = normalize(text, rewriting, { language, isPlain: normalization === "off" });
  const tail = tailMs[pauseAfter((rewriting?.text ?? text).trimEnd().slice(-40))];
  const script = createScript(normalized);
  const ownSpeed = Math.min(speed, fastestSpeed);
  const speech =
    script.text !== ""
      ? trimSilence(
          program.speak(script, voice, stretchFor(voice, ownSpeed)),
          leadMs / ownSpeed,
          tail / ownSpeed,
        )
      : silence();
  const { sampleRateHz, phones } = speech;
  const totalSamples = speech.samples.length;
  const alignment = align({ text, normalized, phones, totalSamples, sampleRateHz });
  const spoken = stretchSpeech({ samples: speech.samples, alignment }, speed / ownSpeed);
  const gain = 10 ** ((voiceTraits[voice]?.gainDb ?? 0) / 20);
  return { ...spoken, samples: amplify(spoken.samples, gain, sampleRateHz) };
}

/** A voice at its own speed is best left as it is. */
function stretchFor(voice: string, speed: number): number | undefined {
  return speed === 1 ? undefined : (voiceTraits[voice]?.ownStretch ?? 1) / speed;
}

const silence = (): FliteSpeech => ({
  samples: new Int16Array((16_000 * silentMs) / 1000),
  sampleRateHz: 16_000,
  phones: [],
});
