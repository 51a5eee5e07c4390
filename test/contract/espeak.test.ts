import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createEspeakEngine, findEspeak } from "../../src/engine/espeak/espeak.ts";
import type { Engine, Pcm, Utterance } from "../../src/engine/synthesizer.ts";
import { startServer, testKey } from "../support/server.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";

const moduleUrl = findEspeak();

/** The processes whose parent this one is, that run espeak-ng. */
function children(): number[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((pid) => {
    try {
      const parent = / \w (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      return Number(parent) === process.pid && command.includes("espeak/child.js");
    } catch {
      return false;
    }
  });
}

describe.skipIf(moduleUrl === undefined)("espeak-ng", () => {
  let engine: Engine;
  const replaced: string[] = [];

  beforeAll(async () => {
    const onWorkerReplaced = (reason: string): number => replaced.push(reason);
    engine = await createEspeakEngine({
      clock: systemClock,
      moduleUrl: moduleUrl ?? "",
      onWorkerReplaced,
    });
  });
  afterAll(() => engine.close());

  async function speak(
    text: string,
    { slug = "espeak-en-us", speed = 1, ...more }: Partial<Utterance> & Wish = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Pcm[]> {
    const voice = engine.voices.find((each) => each.slug === slug);
    if (!voice) throw new Error(`no voice ${slug}`);
    const settings = { ...neutralSettings, speed };
    const pieces: Pcm[] = [];
    const utterance: Utterance = { text, voice, settings, markup: "none", ...more };
    for await (const piece of engine.synthesize(utterance, signal)) pieces.push(piece);
    return pieces;
  }
  interface Wish {
    readonly slug?: string;
    readonly speed?: number;
  }

  const textOf = (pieces: readonly Pcm[]): string =>
    pieces.flatMap(({ alignment }) => alignment.original.chars).join("");
  const lengthOf = (pieces: readonly Pcm[]): number =>
    pieces.reduce((sum, { samples }) => sum + samples.length, 0);
  const fingerprint = (pieces: readonly Pcm[]): string =>
    pieces.reduce((hash, { samples }) => hash.update(samples), createHash("sha256")).digest("hex");
  const loudest = (pieces: readonly Pcm[]): number =>
    Math.max(...pieces.map(({ samples }) => samples.reduce((most, each) => Math.max(most, each))));

  it("has voices for more than a hundred languages, each with a tag that is one", () => {
    const languages = engine.voices.map(({ language }) => language);
    expect(new Set(languages).size).toBeGreaterThan(120);
    expect(languages.filter((tag) => Intl.getCanonicalLocales(tag)[0] !== tag)).toEqual([]);
    expect(languages).not.toContain("und");
    expect(engine.voices[0]?.slug).toBe("espeak-en-us");
  });

  it.each([
    ["espeak-de", "Schöne Grüße aus Köln, 21 Stück."],
    ["espeak-fr-fr", "Bonjour tout le monde."],
    ["espeak-ru", "Привет, мир!"],
    ["espeak-cmn", "你好，世界。"],
    ["espeak-hi", "नमस्ते दुनिया।"],
    ["espeak-ar", "مرحبا بالعالم"],
    ["espeak-ja", "こんにちは"],
  ])("speaks a language of its own with %s", async (slug, text) => {
    const pieces = await speak(text, { slug });
    expect(textOf(pieces)).toBe(`${text} `);
    expect(lengthOf(pieces)).toBeGreaterThan(22_050 / 3);
    expect(loudest(pieces)).toBeGreaterThan(2000);
    expect(fingerprint(await speak(text, { slug }))).toBe(fingerprint(pieces));
  });

  it("gives a piece for each word", async () => {
    const pieces = await speak("One two, three.");
    expect(pieces.map((piece) => textOf([piece]))).toEqual(["One ", "two, ", "three. "]);
  });

  it("says when each word is heard: behind a pause it begins with sound", async () => {
    const pieces = await speak("Papa, papa, papa, papa.");
    expect(pieces).toHaveLength(4);
    for (const { samples, alignment } of pieces) {
      const { endsAtSample } = alignment.original;
      const lettersEnd = endsAtSample[3] ?? 0;
      const energy = (from: number, to: number): number =>
        samples.subarray(from, to).reduce((sum, each) => sum + each * each, 0) / (to - from);
      expect(energy(0, lettersEnd)).toBeGreaterThan(100 * energy(lettersEnd + 800, samples.length));
    }
  });

  it.each([0.5, 0.8, 1.1, 1.5, 2, 2.5])("speaks at speed %d, to 2 %%", async (speed) => {
    const text = "The weather will be fine today, with a little wind from the west.";
    const [own, changed] = [await speak(text), await speak(text, { speed })];
    expect(Math.abs(lengthOf(own) / lengthOf(changed) / speed - 1)).toBeLessThan(0.02);
  });

  it("stops within 200 ms in the middle of a long text", async () => {
    const owner = new AbortController();
    const text = "This text is as long as it can be. ".repeat(280);
    const [voice] = engine.voices;
    if (!voice) throw new Error("no voice");
    const utterance: Utterance = { text, voice, settings: neutralSettings, markup: "none" };
    let abortedAt = 0;
    const reading = (async () => {
      for await (const _ of engine.synthesize(utterance, owner.signal)) {
        abortedAt = performance.now();
        owner.abort(new Error("enough"));
      }
    })();
    await expect(reading).rejects.toThrow("enough");
    // Nobody waits in silence, so it is for the same process.
    await speak("Next.");
    expect(performance.now() - abortedAt).toBeLessThan(200);
    expect(replaced).toEqual([]);
  });

  it.runIf(process.platform === "linux")(
    "a process that is killed under 200 utterances costs none of them a character",
    async () => {
      const before = children();
      const texts = Array.from({ length: 200 }, (_, index) =>
        `Utterance ${index} has <sub alias="two or three">2-3</sub> words to say. `.repeat(2),
      );
      const alone = await speak(texts[7] ?? "", { markup: "ssml" });
      const speaking = texts.map((text) => speak(text, { markup: "ssml" }));
      await Promise.race(speaking);
      const [victim] = before;
      process.kill(victim ?? 0, "SIGKILL");
      const spoken = await Promise.all(speaking);
      expect(spoken.map(textOf)).toEqual(texts);
      expect(textOf(alone)).toBe(texts[7]);
      expect(replaced).toEqual(["the process ended with SIGKILL"]);
      await speak("Back to normal.");
      const after = children();
      expect(after).toHaveLength(before.length);
      expect(after).not.toContain(victim);
    },
  );

  it.runIf(process.platform === "linux")(
    "belongs to a server that finds it, and leaves nothing behind",
    async () => {
      const before = children();
      const server = await startServer({ flags: { espeak: "auto" } });
      const headers = { "xi-api-key": testKey, "content-type": "application/json" };
      const engines = await fetch(`${server.url}/v1/engines`, { headers });
      const body = JSON.stringify({ text: "Guten Tag." });
      const path = "/v1/text-to-speech/espeak-de?output_format=pcm_22050";
      const speech = await fetch(server.url + path, { method: "POST", headers, body });
      const audio = await speech.arrayBuffer();
      await server.close();
      expect(await engines.json()).toMatchObject({
        engines: expect.arrayContaining([
          expect.objectContaining({ name: "espeak", voices: 140, streams: true }),
        ]) as unknown,
      });
      expect(speech.status).toBe(200);
      expect(audio.byteLength).toBeGreaterThan(22_050);
      expect(children()).toEqual(before);
    },
  );
});
