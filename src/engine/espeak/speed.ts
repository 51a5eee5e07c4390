import { type EspeakChunk, type EspeakProgram, rates } from "./program.ts";

/** What is to be spoken, and how fast: 1 is the voice's own speed. */
export interface SpeedRequest {
  readonly ssml: string;
  readonly voice: string;
  readonly speed: number;
  /** Asked every now and then; once it is not, what there is of it does not matter. */
  readonly isWanted: () => boolean;
}

/** Closer than this nobody hears it. */
const tolerance = 0.01;
const maxTries = 5;

/**
 * Speaks at the speed that was asked for, or the nearest that the package can, and gives the speed
 * that came of it. The package's rate is not the speed, because pauses and the ends of words are
 * not shortened as much: the rate that gives the right length is tried for, which takes a hundredth
 * of the time that the speech does.
 */
export function speakAtSpeed(
  program: EspeakProgram,
  request: SpeedRequest,
  listen: (...chunk: EspeakChunk) => void,
): number {
  const { ssml, voice, speed, isWanted } = request;
  if (speed === 1) {
    program.speak(ssml, voice, rates.own, (...chunk) => {
      listen(...chunk);
      return isWanted();
    });
    return 1;
  }
  const record = (rate: number): Recording => {
    const chunks: EspeakChunk[] = [];
    program.speak(ssml, voice, rate, (...chunk) => {
      chunks.push(chunk);
      return isWanted();
    });
    return { rate, chunks, samples: chunks.reduce((sum, [{ length }]) => sum + length, 0) };
  };
  const own = record(rates.own);
  const best = findRecording(own, own.samples / speed, record);
  for (const chunk of best.chunks) listen(...chunk);
  return best.samples === 0 ? speed : own.samples / best.samples;
}

interface Recording {
  readonly rate: number;
  readonly chunks: readonly EspeakChunk[];
  /** How long it is. */
  readonly samples: number;
}

/** Of some recordings at rates ever closer to the right one that whose length is nearest. */
function findRecording(
  own: Recording,
  wantedSamples: number,
  recordAt: (rate: number) => Recording,
): Recording {
  let best = own;
  let last = own;
  /** The rates between which the right one lies. */
  let slow: number = rates.slowest;
  let fast: number = rates.fastest;
  const errorOf = ({ samples }: Recording): number => Math.abs(samples / wantedSamples - 1);
  for (let tries = 0; tries < maxTries && errorOf(best) > tolerance; tries += 1) {
    const isTooLong = last.samples > wantedSamples;
    if (isTooLong) slow = Math.max(slow, last.rate);
    else fast = Math.min(fast, last.rate);
    const inProportion = Math.round((last.rate * last.samples) / wantedSamples);
    // In proportion it may jump over the right one for ever; between the two it comes closer.
    const rate = tries < 2 ? inProportion : Math.round((slow + fast) / 2);
    const nextRate = Math.min(fast, Math.max(slow, rate));
    if (nextRate === last.rate) break;
    last = recordAt(nextRate);
    if (errorOf(last) < errorOf(best)) best = last;
  }
  return best;
}
