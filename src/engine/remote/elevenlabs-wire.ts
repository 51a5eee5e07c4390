import { z } from "zod";
import { neutralSettings } from "../../protocol/voice.ts";
import type { AlignedAudio, ToldTimings } from "./aligned-speech.ts";
import { PcmReader } from "./pcm-reader.ts";
import type { SpeechRequest } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** The rates that `output_format` has names for. */
export const elevenLabsRatesHz: readonly number[] = [
  8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
];

/** The settings, but for the speed, that differ from what every voice speaks with: the server may know better ones of its own. */
export function formatSettings(settings: SpeechRequest["settings"]): object | undefined {
  const members: readonly (readonly [string, unknown, unknown])[] = [
    ["stability", settings.stability, neutralSettings.stability],
    ["similarity_boost", settings.similarityBoost, neutralSettings.similarityBoost],
    ["style", settings.style, neutralSettings.style],
    ["use_speaker_boost", settings.useSpeakerBoost, neutralSettings.useSpeakerBoost],
  ];
  const changed = members.filter(([, value, neutral]) => value !== neutral);
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map(([name, value]) => [name, value]));
}

const numbers = z.array(z.number());

interface WireLine {
  readonly audio_base64?: string | null | undefined;
  readonly alignment?: WireTimings | null | undefined;
  readonly normalized_alignment?: WireTimings | null | undefined;
}

interface WireTimings {
  readonly characters: readonly string[];
  readonly character_end_times_seconds: readonly number[];
}

const timingsSchema: z.ZodType<WireTimings> = z.looseObject({
  characters: z.array(z.string()),
  character_end_times_seconds: numbers,
});

const lineSchema: z.ZodType<WireLine> = z.looseObject({
  audio_base64: z.string().nullish(),
  alignment: timingsSchema.nullish(),
  normalized_alignment: timingsSchema.nullish(),
});

/** Reads the lines of one answer of `stream/with-timestamps`, whose times count from its start. */
export function createLineReader(sampleRateHz: number): (line: string) => AlignedAudio {
  const reader = new PcmReader(sampleRateHz);
  return (line) => {
    const wire = parse(line, lineSchema);
    return {
      samples: reader.read(Buffer.from(wire.audio_base64 ?? "", "base64")),
      original: fromLine(wire.alignment),
      normalized: fromLine(wire.normalized_alignment),
    };
  };
}

const fromLine = (wire: WireTimings | null | undefined): ToldTimings | undefined =>
  wire ? { chars: wire.characters, endsAtSeconds: wire.character_end_times_seconds } : undefined;

/** A frame of the sockets. */
export interface WireFrame {
  readonly audio?: string | null | undefined;
  readonly isFinal?: boolean | null | undefined;
  readonly contextId?: string | null | undefined;
  readonly alignment?: WireFrameTimings | null | undefined;
  readonly normalizedAlignment?: WireFrameTimings | null | undefined;
  readonly error?: unknown;
  readonly code?: number | null | undefined;
}

interface WireFrameTimings {
  readonly chars: readonly string[];
  readonly charStartTimesMs: readonly number[];
  readonly charDurationsMs: readonly number[];
}

const frameTimingsSchema: z.ZodType<WireFrameTimings> = z.looseObject({
  chars: z.array(z.string()),
  charStartTimesMs: numbers,
  charDurationsMs: numbers,
});

const frameSchema: z.ZodType<WireFrame> = z.looseObject({
  audio: z.string().nullish(),
  isFinal: z.boolean().nullish(),
  contextId: z.string().nullish(),
  alignment: frameTimingsSchema.nullish(),
  normalizedAlignment: frameTimingsSchema.nullish(),
  error: z.unknown().optional(),
  code: z.number().nullish(),
});

/** @throws {UpstreamFailure} bad_answer */
export const parseFrame = (message: string): WireFrame => parse(message, frameSchema);

/** Reads the frames of one context, whose times begin anew with each of its segments. */
export function createFrameReader(sampleRateHz: number): (frame: WireFrame) => AlignedAudio {
  const reader = new PcmReader(sampleRateHz);
  let segmentStartMs = 0;
  return ({ audio, alignment, normalizedAlignment }) => {
    const original = fromFrame(alignment, segmentStartMs);
    const normalized = fromFrame(normalizedAlignment, segmentStartMs);
    for (const told of [original, normalized]) {
      for (const seconds of told?.endsAtSeconds ?? []) {
        segmentStartMs = Math.max(segmentStartMs, seconds * 1000);
      }
    }
    const samples = reader.read(Buffer.from(audio ?? "", "base64"));
    return { samples, original, normalized };
  };
}

function fromFrame(
  wire: WireFrameTimings | null | undefined,
  startMs: number,
): ToldTimings | undefined {
  if (!wire) return undefined;
  const endsAtSeconds = wire.charStartTimesMs.map(
    (ms, index) => (startMs + ms + (wire.charDurationsMs[index] ?? 0)) / 1000,
  );
  return { chars: wire.chars, endsAtSeconds };
}

function parse<Wire>(text: string, schema: z.ZodType<Wire>): Wire {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UpstreamFailure("bad_answer");
  }
  const read = schema.safeParse(json);
  if (!read.success) throw new UpstreamFailure("bad_answer");
  return read.data;
}
