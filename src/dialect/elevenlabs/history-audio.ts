import type { SoundAnswer, SpeechAnswer } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { TurnRecord } from "../../protocol/records.ts";
import type { HistoryStore } from "../../protocol/stores.ts";
import { bytesOf } from "../request-plan.ts";
import { shorten } from "../short-text.ts";
import { defaultFormatName, extensionOf, findFormatLike, type OutputFormat } from "./formats.ts";
import type { ElevenLabsParts } from "./parts.ts";
import { findFormatNamed, findModel, planSpeech } from "./speech-request.ts";

/** Names of formats that only downloads know. */
const downloadFormats: Readonly<Record<string, string | undefined>> = {
  default: undefined,
  wav: "wav_44100",
};

/** The format that a download names; undefined leaves it to the turn. @throws {SpeechError} invalid_output_format */
export function readDownloadFormat(name: string | undefined): OutputFormat | undefined {
  if (name === undefined) return undefined;
  const known = Object.hasOwn(downloadFormats, name) ? downloadFormats[name] : name;
  return known === undefined ? undefined : findFormatNamed(known, "whole");
}

/**
 * What a turn is heard in where nobody asks for anything: MP3, as it was kept if that is MP3, whatever
 * its bit rate.
 */
function defaultOutput({ audioFormat }: TurnRecord): OutputFormat {
  const isMp3 = audioFormat?.encoding === "mp3";
  const kept = isMp3 ? findFormatLike(audioFormat) : undefined;
  return kept ?? findFormatNamed(defaultFormatName, "whole");
}

/** The content type of the sound that is kept of a turn, or else of how it is heard. */
export function contentTypeOf(turn: TurnRecord): string {
  const kept = turn.audioFormat && findFormatLike(turn.audioFormat);
  return (kept ?? defaultOutput(turn)).contentType;
}

/**
 * A turn to be heard again: its sound if it was kept, or else it is spoken once more; engines say
 * the same text the same way.
 * @throws {SpeechError} when it has to be spoken and its voice or model is gone
 */
export function answerTurn(
  turn: TurnRecord,
  asked: OutputFormat | undefined,
  parts: ElevenLabsParts,
): SoundAnswer | SpeechAnswer {
  const output = asked ?? defaultOutput(turn);
  const { audioFormat: kept } = turn;
  if (!kept) return speakAgain(turn, output, parts);
  const { format, contentType } = output;
  const read = (): AsyncIterable<Uint8Array> => readSound(turn.id, parts.stores.history);
  return { type: "sound", kept, format, contentType, headers: {}, read };
}

/** It may have been deleted since it was found. @throws {SpeechError} history_item_not_found */
async function* readSound(id: string, history: HistoryStore): AsyncGenerator<Uint8Array> {
  let isThere = false;
  for await (const part of history.audio(id)) {
    isThere = true;
    yield part;
  }
  if (!isThere) throw new SpeechError("history_item_not_found", { id: shorten(id) });
}

function speakAgain(
  turn: TurnRecord,
  output: OutputFormat,
  { catalogue, settings }: ElevenLabsParts,
): SpeechAnswer {
  const voice = catalogue.findVoice(turn.voiceId);
  if (!voice) throw new SpeechError("voice_not_found", { voiceId: turn.voiceId });
  const model = findModel(turn.modelId, catalogue, settings);
  return {
    type: "speech",
    plan: planSpeech({
      voice,
      model,
      output,
      settings: turn.settings,
      markup: turn.markup,
      normalization: turn.normalization,
      retention: "none",
      alignment: "utterance",
      playback: "file",
    }),
    text: turn.text,
    dictionaries: turn.dictionaries,
    contentType: output.contentType,
    headers: {},
    delivery: "whole",
    encode: bytesOf,
  };
}

/** Such as `2026-11-21T09-30-00_Flite-SLT_01KjVd3Jm0aBcDeFgHiJ.mp3`: unique, and safe everywhere. */
export function fileNameOf(turn: TurnRecord, asked: OutputFormat | undefined): string {
  const { format } = asked ?? defaultOutput(turn);
  const time = new Date(turn.startedAtUnix * 1000).toISOString().slice(0, 19).replaceAll(":", "-");
  const voice = turn.voiceName.replaceAll(/[^A-Za-z0-9]+/g, "-");
  return `${time}_${voice}_${turn.id}.${extensionOf(format)}`;
}
