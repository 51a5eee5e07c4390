import type { AudioFormat } from "../../protocol/audio-format.ts";

/** Values of `output_format`. */
export const formatNames = ["wav", "ulaw", "alaw", "pcm", "mp3"] as const;
export type FormatName = (typeof formatNames)[number];

/** Values of `sample_rate`. */
export const ratesHz = [8000, 16_000, 24_000, 44_100] as const;
/** Those of the socket that streams come from one model only. */
export const streamingRatesHz = [8000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;

/** What 44.1 kHz gets elsewhere, and less where MPEG has no more. */
const mp3BitsPerSecond = (rateHz: number): number =>
  rateHz <= 16_000 ? 32_000 : rateHz <= 24_000 ? 64_000 : 128_000;

/** The audio of a request. */
export function formatOf(name: FormatName, sampleRateHz: number): AudioFormat {
  switch (name) {
    case "pcm":
      return { encoding: "pcm_s16le", container: "raw", sampleRateHz };
    case "wav":
      return { encoding: "pcm_s16le", container: "wav", sampleRateHz };
    case "ulaw":
    case "alaw":
      return { encoding: name, container: "raw", sampleRateHz };
    case "mp3": {
      const bitrateBps = mp3BitsPerSecond(sampleRateHz);
      return { encoding: "mp3", container: "raw", sampleRateHz, bitrateBps };
    }
  }
}
