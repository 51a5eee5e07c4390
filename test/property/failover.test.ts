import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { speakInTurn, type Understudy } from "../../src/engine/failover/speak-in-turn.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import type { Engine, Pcm, Synthesizer, Utterance } from "../../src/engine/synthesizer.ts";
import { SpeechError } from "../../src/protocol/problems.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { startElevenLabsServer } from "../support/elevenlabs-server.ts";
import { engineOf } from "../support/folder-engine.ts";
import { startOpenAiServer } from "../support/openai-server.ts";
import { passTime } from "../support/passing-time.ts";
import { startServer } from "../support/server.ts";
import { hear } from "../support/speech.ts";
import { upstream } from "../support/voice-folder.ts";

const scale = Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const never = new AbortController().signal;

const word = fc.constantFrom("a", "of", "Hello", "there,", "naïve", "42.", "x😀y", "end!");
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(" "));

/** Speaks so many pieces and then fails. */
function failingAfter(pieces: number, engine: Engine): Synthesizer {
  return {
    async *synthesize(utterance, signal) {
      let left = pieces;
      for await (const piece of engine.synthesize(utterance, signal)) {
        if (left === 0) throw new SpeechError("engine_failed");
        left -= 1;
        yield piece;
      }
      if (left === 0) throw new SpeechError("engine_failed");
    },
  };
}

async function collect(pieces: AsyncIterable<Pcm>): Promise<Pcm[]> {
  const collected: Pcm[] = [];
  for await (const piece of pieces) collected.push(piece);
  return collected;
}

const originalOf = (pieces: readonly Pcm[]): string =>
  pieces.flatMap(({ alignment }) => alignment.original.chars).join("");
const wordsOf = (pieces: readonly Pcm[]): string[] =>
  pieces
    .flatMap(({ alignment }) => alignment.normalized.chars)
    .join("")
    .split(/\s+/)
    .filter((each) => each !== "");

function utteranceOf(engine: Engine, text: string, more: Partial<Utterance> = {}): Utterance {
  const [voice] = engine.voices;
  if (!voice) throw new Error("the engine has no voice");
  return { text, voice, settings: neutralSettings, markup: "none", ...more };
}

const speaking = (synthesizer: Synthesizer): Understudy => ({
  speak: (utterance, signal) => synthesizer.synthesize(utterance, signal),
});

describe("several engines in order", () => {
  const tone = createToneEngine({ msPerChar: 5, sampleRateHz: 8000, streams: true });
  const whole = createToneEngine({ msPerChar: 5, sampleRateHz: 8000 });
  const other = createToneEngine({ msPerChar: 7, sampleRateHz: 11_025, streams: true });

  it("say every word once, wherever they fail", async () => {
    const counts = fc.array(fc.nat(6), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(sentence, counts, fc.boolean(), async (text, failures, isWholeAtLast) => {
        const cast = failures.map((pieces, index) =>
          speaking(failingAfter(pieces, index % 2 === 0 ? tone : other)),
        );
        const last = isWholeAtLast ? whole : other;
        const understudies = [...cast, speaking(last)];
        const utterance = utteranceOf(tone, text);
        const pieces = await collect(speakInTurn(understudies, utterance, () => {}, never));
        expect(originalOf(pieces)).toBe(`${text} `);
        expect(wordsOf(pieces)).toEqual(text.split(" "));
        for (const { samples, alignment } of pieces) {
          expect(alignment.sampleRateHz).toBe(8000);
          expect(alignment.original.endsAtSample.at(-1)).toBe(samples.length);
          expect(alignment.normalized.endsAtSample.at(-1)).toBe(samples.length);
        }
      }),
      { numRuns: 200 * scale },
    );
  });

  it("give the audio of the first until it fails, and then the other's of the rest", async () => {
    await fc.assert(
      fc.asyncProperty(sentence, fc.nat(12), async (text, count) => {
        const utterance = utteranceOf(tone, text);
        const understudies = [failingAfter(count, tone), whole].map(speaking);
        const spoken = await collect(speakInTurn(understudies, utterance, () => {}, never));
        const before = (await collect(tone.synthesize(utterance, never))).slice(0, count);
        const rest = text.slice(originalOf(before).length);
        const after =
          originalOf(before).length > text.length
            ? []
            : await collect(whole.synthesize({ ...utterance, text: rest }, never));
        const samples = (pieces: readonly Pcm[]): number[] =>
          pieces.flatMap((piece) => [...piece.samples]);
        expect(samples(spoken)).toEqual(samples([...before, ...after]));
      }),
      { numRuns: 100 * scale },
    );
  });

  it("never part what is spoken as a whole", async () => {
    const part = fc.constantFrom(
      "Hello there, ",
      '<sub alias="a few more words">two words</sub> ',
      "New York ",
      "<say-as interpret-as='digits'>4 2</say-as> ",
      "<prosody rate='slow'>so slow</prosody> ",
      "<break time='1s'/> ",
      "&amp; then ",
    );
    const text = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    const pronunciations = [{ type: "alias", stringToReplace: "New York", alias: "x" }] as const;
    await fc.assert(
      fc.asyncProperty(text, fc.nat(9), async (marked, count) => {
        const asked: string[] = [];
        const rest: Synthesizer = {
          synthesize(utterance, signal) {
            asked.push(utterance.text);
            return whole.synthesize(utterance, signal);
          },
        };
        const understudies = [failingAfter(count, tone), rest].map(speaking);
        const utterance = utteranceOf(tone, marked, { markup: "ssml", pronunciations });
        const pieces = await collect(speakInTurn(understudies, utterance, () => {}, never));
        expect(originalOf(pieces)).toBe(marked);
        for (const left of asked) {
          expect(left).not.toMatch(/^(?:York|words<|2<|time=|alias=|rate=|interpret)/);
        }
      }),
      { numRuns: 200 * scale },
    );
  });
});

describe("another server that drops its connection anywhere", () => {
  const sentenceText = "One two three four five six seven eight nine ten.";

  async function expectWhole(engine: Engine, clock: ManualClock): Promise<void> {
    const heard = await passTime(clock, hear(engine, sentenceText), 0);
    expect(heard.failure).toBe(undefined);
    expect(heard.text).toBe(`${sentenceText} `);
    expect(wordsOf(heard.pieces)).toEqual(sentenceText.split(" "));
  }

  it("is taken over from without a word lost or said twice: OpenAI", async () => {
    const clock = new ManualClock();
    const server = await startOpenAiServer(createToneEngine({ sampleRateHz: 24_000 }));
    const sound = await hear(createToneEngine({ sampleRateHz: 24_000 }), sentenceText);
    const bytes = Buffer.from(sound.samples.buffer);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (until) => {
        server.misbehave = (_, response) => {
          response.setHeader("content-type", "audio/pcm");
          response.write(bytes.subarray(0, until), () => response.destroy());
          return true;
        };
        const engine = await engineOf(
          { engines: [upstream("openai", server.url), { voice: "tone" }] },
          { clock, engines: [createToneEngine()] },
        );
        await expectWhole(engine, clock);
      }),
      { numRuns: 30 * scale },
    );
    await server.close();
  });

  it("is taken over from without a word lost or said twice: ElevenLabs", async () => {
    const clock = new ManualClock();
    const real = await startServer({
      engines: [createToneEngine({ streams: true })],
      flags: { auth: "off" },
    });
    const answer = await fetch(
      `${real.url}/v1/text-to-speech/tone/stream/with-timestamps?output_format=pcm_24000`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: sentenceText }),
      },
    );
    const bytes = Buffer.from(await answer.arrayBuffer());
    await real.close();
    const server = await startElevenLabsServer();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (until) => {
        server.script = {
          post: (_, response) => {
            response.write(bytes.subarray(0, until), () => response.destroy());
          },
        };
        const engine = await engineOf(
          { engines: [upstream("elevenlabs", server.url), { voice: "tone" }] },
          { clock, engines: [createToneEngine()] },
        );
        await expectWhole(engine, clock);
      }),
      { numRuns: 30 * scale },
    );
    await server.close();
  });
});
