import { type AudioFormat, isSameFormat } from "../../protocol/audio-format.ts";

/** One `output_format` of the ElevenLabs protocol. */
export interface OutputFormat {
  readonly name: string;
  readonly format: AudioFormat;
  readonly contentType: string;
  /** `whole`: only where the whole file is sent at once; `any`: on sockets and streams too. */
  readonly where: "any" | "whole";
}

const kbps = (values: readonly number[]): readonly number[] => values.map((value) => value * 1000);
const pcmRatesHz = [8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

const mp3 = (sampleRateHz: number, bitrates: readonly number[]): OutputFormat[] =>
  kbps(bitrates).map((bitrateBps) => ({
    name: `mp3_${sampleRateHz}_${bitrateBps / 1000}`,
    format: { encoding: "mp3", container: "raw", sampleRateHz, bitrateBps },
    contentType: "audio/mpeg",
    where: "any",
  }));

/** Every format the server speaks, by the names of the protocol's own list. */
export const outputFormats: readonly OutputFormat[] = [
  ...mp3(22_050, [32]),
  ...mp3(24_000, [48]),
  ...mp3(44_100, [32, 64, 96, 128, 192]),
  ...pcmRatesHz.map(
    (sampleRateHz): OutputFormat => ({
      name: `pcm_${sampleRateHz}`,
      format: { encoding: "pcm_s16le", container: "raw", sampleRateHz },
      contentType: "audio/pcm",
      where: "any",
    }),
  ),
  {
    name: "ulaw_8000",
    format: { encoding: "ulaw", container: "raw", sampleRateHz: 8000 },
    contentType: "audio/ulaw",
    where: "any",
  },
  {
    name: "alaw_8000",
    format: { encoding: "alaw", container: "raw", sampleRateHz: 8000 },
    contentType: "audio/alaw",
    where: "any",
  },
  ...kbps([32, 64, 96, 128, 192]).map(
    (bitrateBps): OutputFormat => ({
      name: `opus_48000_${bitrateBps / 1000}`,
      format: { encoding: "opus", container: "ogg", sampleRateHz: 48_000, bitrateBps },
      contentType: "audio/opus",
      where: "any",
    }),
  ),
  ...pcmRatesHz.map(
    (sampleRateHz): OutputFormat => ({
      name: `wav_${sampleRateHz}`,
      format: { encoding: "pcm_s16le", container: "wav", sampleRateHz },
      contentType: "audio/wav",
      where: "whole",
    }),
  ),
];

/** Old names that are still sent. */
const formerNames: Readonly<Record<string, string>> = { mp3_44100: "mp3_44100_128" };

export const defaultFormatName = "mp3_44100_128";

/** The formats that can be asked for where audio leaves as it is made, or as a whole file. */
export function allowedFormats(delivery: "whole" | "stream"): readonly OutputFormat[] {
  return outputFormats.filter(({ where }) => where === "any" || delivery === "whole");
}

export function findFormat(name: string, delivery: "whole" | "stream"): OutputFormat | undefined {
  const current = Object.hasOwn(formerNames, name) ? formerNames[name] : name;
  return allowedFormats(delivery).find((format) => format.name === current);
}

/** The format by what it is. */
export function findFormatLike(format: AudioFormat): OutputFormat | undefined {
  return outputFormats.find((output) => isSameFormat(output.format, format));
}

/** Endings of file names, by encoding. */
const extensions: Readonly<Record<AudioFormat["encoding"], string>> = {
  mp3: "mp3",
  pcm_s16le: "pcm",
  ulaw: "ulaw",
  alaw: "alaw",
  opus: "opus",
};

/** What the name of a file in this format ends with. */
export function extensionOf({ container, encoding }: AudioFormat): string {
  return container === "wav" ? "wav" : extensions[encoding];
}
