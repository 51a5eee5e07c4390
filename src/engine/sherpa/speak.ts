import { amplify } from "../../audio/limiter.ts";
import type { CharacterTimings } from "../../protocol/alignment.ts";
import { estimateTimings } from "../stages/estimated-timings.ts";
import { VoiceLevel } from "../stages/even-loudness.ts";
import { stretchSpeech } from "../stages/stretch.ts";
import type { Pcm } from "../synthesizer.ts";
import type { SherpaJob } from "./job.ts";
import type { SpeechModel } from "./speech-model.ts";
import { type Part, partsOf } from "./units.ts";

/** How long a text is that has nothing a voice could say: it still has its place in time. */
const silentMs = 20;
/** Where there is none of these, models make noises of their own. */
const sayable = /[\p{L}\p{N}%&@+=#$€£¥°§]/u;

/** What speaks in a model's process. */
export interface Speech {
  readonly model: SpeechModel;
  readonly sampleRateHz: number;
  /** Of each speaker who has said something. */
  readonly levels: Map<number, VoiceLevel>;
}

/** Speaks an utterance, and gives each of its parts when it is made. */
export async function speak(
  { model, sampleRateHz, levels }: Speech,
  job: SherpaJob,
  give: (piece: Pcm) => void,
  signal: AbortSignal,
): Promise<void> {
  const { language, spokenChars } = job;
  const level = levels.get(job.speaker) ?? new VoiceLevel(sampleRateHz);
  levels.set(job.speaker, level);
  let end = 0;
  let gain: number | undefined;
  for (const part of partsOf(job, { language, needs: model.needs })) {
    end += part.text.length;
    if (spokenChars > 0 && end <= spokenChars) continue;
    const sounds: Int16Array[] = [];
    for (const unit of part.units) {
      if (signal.aborted) return;
      if (sayable.test(unit)) sounds.push(toSamples(await model.say(unit, job)));
    }
    if (signal.aborted) return;
    const sound = join(sounds, sampleRateHz);
    // One for the whole utterance: nobody is to hear that it is learned.
    level.hear(sound);
    gain ??= level.gain;
    const piece = pieceOf(part, sound, sampleRateHz, end === part.text.length);
    const inTime = stretchSpeech(piece, job.speed);
    give({ ...inTime, samples: amplify(inTime.samples, gain, sampleRateHz) });
  }
}

/** A part's sound with its timings; only the first part's normalized text begins with a space. */
function pieceOf(
  { text, spoken }: Part,
  samples: Int16Array<ArrayBuffer>,
  sampleRateHz: number,
  isFirst: boolean,
): Pcm {
  const alignment = estimateTimings(text, samples, sampleRateHz, spoken);
  const { normalized } = alignment;
  const isDoubled = !isFirst && normalized.chars.length > 1;
  return {
    samples,
    alignment: isDoubled ? { ...alignment, normalized: withoutFirst(normalized) } : alignment,
  };
}

/** The silence before the first character goes to the next one. */
const withoutFirst = ({ chars, endsAtSample }: CharacterTimings): CharacterTimings => ({
  chars: chars.slice(1),
  endsAtSample: endsAtSample.slice(1),
});

function toSamples(sound: Float32Array): Int16Array {
  return Int16Array.from(sound, (value) => Math.round(Math.max(-1, Math.min(1, value)) * 32_767));
}

/** One after the other, or a little silence where there is nothing. */
function join(sounds: readonly Int16Array[], sampleRateHz: number): Int16Array<ArrayBuffer> {
  const total = sounds.reduce((sum, { length }) => sum + length, 0);
  const silence = Math.round((sampleRateHz * silentMs) / 1000);
  const joined = new Int16Array(total === 0 ? silence : total);
  let at = 0;
  for (const sound of sounds) {
    joined.set(sound, at);
    at += sound.length;
  }
  return joined;
}
