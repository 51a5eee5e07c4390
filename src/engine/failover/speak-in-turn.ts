import { SpeechError } from "../../protocol/problems.ts";
import { resampled } from "../resampled.ts";
import type { Pcm, Utterance } from "../synthesizer.ts";
import { joinPieces, placesToGoOn, restOf, textOf } from "./continuation.ts";

/** Somebody who can speak for a voice. */
export interface Understudy {
  /** Undefined while it is to be left alone. */
  speak(utterance: Utterance, signal: AbortSignal): AsyncIterable<Pcm> | undefined;
}

/** Told whenever the next one has to speak, with whether anything was said before. */
export type OnFailover = (isMidway: boolean) => void;

/**
 * Has an utterance spoken by the first of several who can. When one fails in the middle, the next
 * one goes on with the first word that was not heard: what was given are whole words.
 */
export async function* speakInTurn(
  understudies: readonly Understudy[],
  utterance: Utterance,
  onFailover: OnFailover,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  const { text, voice } = utterance;
  const canGoOn = placesToGoOn(utterance);
  let said = 0;
  let failure: unknown = new SpeechError("engine_failed", {}, "all of its engines are down");
  for (const [index, understudy] of understudies.entries()) {
    const mark = index > 0 ? { isStandIn: true } : {};
    if (index > 0) onFailover(said > 0);
    const pieces = understudy.speak(restOf(utterance, said), signal);
    if (!pieces) continue;
    let held: Pcm | undefined;
    try {
      for await (const piece of resampled(pieces, voice.sampleRateHz)) {
        const whole: Pcm = held ? joinPieces(held, piece) : piece;
        const length = textOf(whole).length;
        held = canGoOn(said + length) ? undefined : whole;
        if (held) continue;
        said += length;
        yield { ...whole, ...mark };
      }
      if (held) yield { ...held, ...mark };
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (isShutdown(error)) throw error;
      // What failed had nothing more to say.
      if (said > text.length || (said === text.length && text.endsWith(" "))) return;
      failure = error;
    }
  }
  throw failure;
}

const isShutdown = (error: unknown): boolean =>
  error instanceof SpeechError && error.problem.code === "shutting_down";
