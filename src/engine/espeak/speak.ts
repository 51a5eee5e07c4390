import { pauseAfter, type PauseStrength } from "../../text/clauses.ts";
import { normalizeFor } from "../../text/normalize-for.ts";
import type { GivePiece } from "../child-main.ts";
import type { EspeakJob } from "./job.ts";
import { PieceMaker } from "./piece-maker.ts";
import { type EspeakProgram, sampleRateHz } from "./program.ts";
import { speakAtSpeed } from "./speed.ts";
import { createScript, cutScript, type ScriptChar } from "./script.ts";

/** Silence after text that ends in mid-sentence, at a clause end, at a sentence end. */
const tailMs: Readonly<Record<PauseStrength, number>> = { 0: 30, 1: 130, 2: 220 };

/** Speaks one utterance, and gives it word by word as long as it is wanted. */
export function speak(
  program: EspeakProgram,
  job: EspeakJob,
  give: GivePiece,
  isWanted: () => boolean,
): void {
  const { text, from, voice, language, speed } = job;
  const script = createScript(text, from, normalizeFor({ language, needs: "nothing" }, job));
  const maker = new PieceMaker(script, text, from, give);
  let start = 0;
  for (const end of cutScript(script)) {
    const part = script.slice(start, end);
    if (part.some(({ isSounding }) => isSounding)) {
      const asked = part.map((char) => char.asked).join("");
      const charAt = part.flatMap((char, place) => Array.from(char.asked, () => start + place));
      const startSample = maker.endSample;
      const request = { ssml: asked, voice, speed, isWanted };
      speakAtSpeed(program, request, (samples, events) =>
        maker.accept(samples, events, startSample, charAt),
      );
      if (!isWanted()) return;
      maker.addSilence(tailSamples(part) / speed);
    }
    start = end;
  }
  maker.finish();
}

function tailSamples(part: readonly ScriptChar[]): number {
  const spoken = part.map((char) => char.spoken).join("");
  return (sampleRateHz * tailMs[pauseAfter(spoken.trimEnd().slice(-40))]) / 1000;
}
