import type { CharacterTimings } from "../protocol/alignment.ts";
import type { Voice } from "../protocol/voice.ts";
import { normalizeFor } from "../text/normalize-for.ts";
import { phonesSign, type Rewriting, type Span } from "../text/rewrite.ts";
import { cutAtWords } from "./pieces.ts";
import { type Engine, inPieces, type Pcm, type Utterance } from "./synthesizer.ts";

/** How the tone engine behaves; what is left out has a default. */
export interface ToneOptions {
  readonly sampleRateHz?: number;
  /** Length of one character's tone. */
  readonly msPerChar?: number;
  /** Gives the audio word by word, instead of all at once. */
  readonly streams?: boolean;
  /** Waited for before the audio of an utterance is given; how tests stand in the middle of one. */
  readonly hold?: (text: string, signal: AbortSignal) => Promise<void>;
}

/**
 * A deterministic engine for tests and benchmarks: every character sounds as one tone of fixed
 * length whose pitch follows its code point, and white space is silent. Markup and pronunciation
 * rules change what the characters are.
 */
export function createToneEngine(options: ToneOptions = {}): Engine {
  const { sampleRateHz = 16_000, msPerChar = 40, hold } = options;
  const samplesPerChar = Math.round((sampleRateHz * msPerChar) / 1000);
  const tones = new Map<string, Int16Array>();

  const tone = (char: string): Int16Array => {
    let samples = tones.get(char);
    if (!samples) {
      samples = toneOf(char, samplesPerChar, sampleRateHz);
      tones.set(char, samples);
    }
    return samples;
  };

  const cut = (speech: Pcm): readonly Pcm[] => (options.streams ? cutAtWords(speech) : [speech]);

  const speak = async (utterance: Utterance, signal: AbortSignal): Promise<Pcm> => {
    const { text, voice, settings, observer } = utterance;
    observer?.dispatched(0);
    await hold?.(text, signal);
    signal.throwIfAborted();
    const frontEnd = { language: voice.language, needs: "nothing" } as const;
    const rewriting = normalizeFor(frontEnd, utterance);
    const sounding = rewriting ? soundingText(rewriting) : text;
    const spoken = Array.from(` ${sounding.trim().replaceAll(/\s+/g, " ")} `);
    const length = Math.max(1, Math.round(samplesPerChar / settings.speed));
    const samples = new Int16Array(spoken.length * length);
    spoken.forEach((char, index) => {
      samples.set(tone(char).subarray(0, length), index * length);
    });
    const normalized = evenly(spoken, samples.length);
    const original = rewriting
      ? evenlyOutside(rewriting.tags, withTrailingSpace(text), samples.length)
      : evenly(withTrailingSpace(text), samples.length);
    return { samples, alignment: { sampleRateHz, original, normalized } };
  };

  return {
    name: "tone",
    streams: options.streams ?? false,
    isDeterministic: true,
    voices: [toneVoice(sampleRateHz)],
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
    synthesize: (utterance, signal) => inPieces(speak(utterance, signal).then(cut)),
  };
}

function toneVoice(sampleRateHz: number): Voice {
  return {
    id: "Tone0000000000000001",
    slug: "tone",
    name: "Tone",
    engine: "tone",
    sex: "neutral",
    language: "en-US",
    description: "One tone per character, for tests.",
    sampleRateHz,
    timings: "exact",
    heeds: [],
  };
}

function toneOf(char: string, length: number, sampleRateHz: number): Int16Array {
  const samples = new Int16Array(length);
  if (char.trim() === "") return samples;
  const frequencyHz = 200 + ((char.codePointAt(0) ?? 0) % 128) * 20;
  for (let index = 0; index < length; index += 1) {
    samples[index] = Math.round(
      8000 * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz),
    );
  }
  return samples;
}

const withTrailingSpace = (text: string): string[] =>
  Array.from(text.endsWith(" ") ? text : `${text} `);

/** A word that is given by its phones sounds like their names. */
function soundingText({ text, phones }: Rewriting): string {
  let word = 0;
  return text.replaceAll(phonesSign, () => (phones[word++] ?? []).join(" "));
}

function evenly(chars: readonly string[], totalSamples: number): CharacterTimings {
  const endsAtSample = Uint32Array.from(chars, (_, index) =>
    Math.round((totalSamples * (index + 1)) / chars.length),
  );
  return { chars, endsAtSample };
}

/** Every character gets the same time, but those in tags, which get none. */
function evenlyOutside(
  tags: readonly Span[],
  chars: readonly string[],
  totalSamples: number,
): CharacterTimings {
  let at = 0;
  const heardUpTo: number[] = [];
  let heard = 0;
  for (const char of chars) {
    const start = at;
    if (!tags.some((tag) => tag.start <= start && start < tag.end)) heard += 1;
    heardUpTo.push(heard);
    at += char.length;
  }
  const endsAtSample = Uint32Array.from(heardUpTo, (count) =>
    Math.round((totalSamples * count) / heard),
  );
  return { chars, endsAtSample };
}
