import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FolderContent,
  kitten,
  kokoro,
  matcha,
  multilingualKokoro,
  packagedPiper,
  piperSettings,
  publishedPiper,
  supertonic,
  writeEspeakData,
  writeFolder,
} from "../../../test/support/model-folders.ts";
import {
  characterMetadata,
  encodeMatchaTones,
  encodeStyledToneVoice,
  encodeToneVoice,
  toneTokens,
} from "../../../test/support/onnx-fixture.ts";
import { readVoiceFolder } from "../voice-folders.ts";
import { checkModelFolder } from "./check-model.ts";
import type { CheckedModel } from "./model.ts";
import { voicesOf } from "./voices.ts";

let voices: string;
let path: string;

beforeEach(async () => {
  voices = await mkdtemp(join(tmpdir(), "syrinx-models-"));
  path = join(voices, "some-voice");
  await writeEspeakData(join(voices, "espeak-ng-data"));
});
afterEach(() => rm(voices, { recursive: true }));

async function check(content: FolderContent): Promise<CheckedModel> {
  await writeFolder(path, content);
  const model = await checkModelFolder(path);
  if ("reason" in model) throw new Error(model.reason);
  return model;
}

/** The same with one thing changed or, without a value, missing. */
function changed(content: FolderContent, name: string, value?: string | Uint8Array): FolderContent {
  const { [name]: _, ...others } = content;
  return value === undefined ? others : { ...others, [name]: value };
}

const tones: FolderContent = { "model.onnx": encodeToneVoice(), "tokens.txt": toneTokens };
const tonesWith = (metadata: Record<string, string>): FolderContent =>
  changed(tones, "model.onnx", encodeToneVoice({ metadata }));

describe("a model that can be used", () => {
  it("of VITS that reads letters", async () => {
    expect(await check(tones)).toMatchObject({
      kind: "vits",
      sampleRateHz: 16_000,
      language: "en",
      speakers: [{ id: 0 }],
      heeds: ["stability", "style"],
      config: { files: { model: join(path, "model.onnx"), tokens: join(path, "tokens.txt") } },
    });
  });

  it("of Piper, as it is published for sherpa-onnx", async () => {
    const { config, ...model } = await check(packagedPiper);
    expect(model).toMatchObject({ kind: "vits", sampleRateHz: 22_050, language: "de" });
    expect(config.files["dataDir"]).toBe(join(voices, "espeak-ng-data"));
    expect(config.noise).toEqual({ sound: 0.667, rhythm: 0.8 });
  });

  it("of Piper, as Piper publishes it: what it lacks is written into a copy, once", async () => {
    const content = publishedPiper();
    const { config, speakers, ...model } = await check(content);
    expect(model).toMatchObject({ kind: "vits", sampleRateHz: 22_050, language: "en-GB" });
    expect(speakers.map(({ name }) => name)).toEqual(["p226", "p225"]);
    expect(config.noise).toEqual({ sound: 0.5, rhythm: 0.6 });
    const copy = config.files["model"] ?? "";
    expect(copy).toBe(join(path, ".prepared", "model.onnx"));
    const madeAt = (await stat(copy)).mtimeMs;
    expect((await check({})).config).toEqual(config);
    expect((await stat(copy)).mtimeMs).toBe(madeAt);
    // What is published anew is copied anew.
    await check({
      ...content,
      "en_GB-vctk-medium.onnx": encodeToneVoice({ metadata: { a: "b" } }),
    });
    expect((await stat(copy)).mtimeMs).toBeGreaterThan(madeAt);
  });

  it("of Piper is lost when several processes prepare it at once", async () => {
    const content = publishedPiper();
    const alone = await check(content);
    const { model = "", tokens = "" } = alone.config.files;
    const whole = [await readFile(model), await readFile(tokens)];
    for (let round = 0; round < 5; round += 1) {
      await rm(join(path, ".prepared"), { recursive: true });
      const found = await Promise.all(Array.from({ length: 8 }, () => checkModelFolder(path)));
      expect(found).toEqual(Array(8).fill(alone));
      expect([await readFile(model), await readFile(tokens)]).toEqual(whole);
    }
    expect((await readdir(join(path, ".prepared"))).toSorted()).toEqual([
      "model.onnx",
      "tokens.txt",
    ]);
  });

  it("of Piper that reads letters needs nothing of espeak-ng", async () => {
    await rm(join(voices, "espeak-ng-data"), { recursive: true });
    const { config } = await check(publishedPiper({ ...piperSettings, phoneme_type: "text" }));
    expect(config.files["dataDir"]).toBeUndefined();
  });

  it("of Kokoro: each speaker has a sex and a language", async () => {
    const model = await check(kokoro);
    expect(model).toMatchObject({ kind: "kokoro", sampleRateHz: 24_000, heeds: [] });
    expect(model.speakers).toEqual([
      { id: 0, name: "af_bella", sex: "female", language: "en-US" },
      { id: 1, name: "bm_george", sex: "male", language: "en-GB" },
    ]);
  });

  it("of a Kokoro of many languages", async () => {
    const { config, speakers } = await check(multilingualKokoro);
    expect(config.isTold).toBe("at load");
    expect(config.files["lexicon"]?.split(",")).toHaveLength(3);
    expect(speakers[1]).toMatchObject({ name: "ef_dora", sex: "female", language: "es" });
  });

  it("of Kitten, also where only the smaller copy is there", async () => {
    const { kind, speakers } = await check(kitten);
    expect(kind).toBe("kitten");
    expect(speakers.map(({ sex }) => sex)).toEqual(["male", "female"]);
  });

  it("of Matcha", async () => {
    const { kind, config } = await check(matcha);
    expect(kind).toBe("matcha");
    expect(config.files).toMatchObject({
      acousticModel: join(path, "model-steps-3.onnx"),
      vocoder: join(path, "vocos-22khz-univ.onnx"),
    });
  });

  it("of Supertonic", async () => {
    expect(await check(supertonic)).toMatchObject({
      kind: "supertonic",
      sampleRateHz: 44_100,
      speakers: [{ name: "0" }, { name: "1" }, { name: "2" }],
      config: { isTold: "at each text" },
    });
  });

  it("is taken in full precision where both are there", async () => {
    const both = { ...tones, "model.int8.onnx": encodeToneVoice({ speakers: 2 }) };
    expect((await check(both)).speakers).toHaveLength(1);
  });

  it("finds espeak-ng's data with another voice", async () => {
    await rm(join(voices, "espeak-ng-data"), { recursive: true });
    await writeEspeakData(join(voices, "other", "espeak-ng-data"));
    const { config } = await check(packagedPiper);
    expect(config.files["dataDir"]).toBe(join(voices, "other", "espeak-ng-data"));
  });

  it.each([
    ["vits-piper-pt_BR-faber-medium", "pt-BR"],
    ["anything", "de"],
  ])("called %s speaks %s", async (name, language) => {
    path = join(voices, name);
    expect((await check(packagedPiper)).language).toBe(language);
  });

  it("speaks what its voice.json says, before all else", async () => {
    const manifest = JSON.stringify({ language: "fr-CA", name: "Marie", licence: "CC0" });
    const model = await check({ ...packagedPiper, "voice.json": manifest });
    const folder = await readVoiceFolder(path, "some-voice");
    if ("reason" in folder) throw new Error(folder.reason);
    expect(voicesOf(folder, model)).toMatchObject([
      { slug: "some-voice", name: "Marie", language: "fr-CA", timings: "estimated" },
    ]);
  });

  it("has a voice for each speaker", async () => {
    const model = await check(kokoro);
    const folder = await readVoiceFolder(path, "some-voice");
    if ("reason" in folder) throw new Error(folder.reason);
    expect(voicesOf(folder, model)).toMatchObject([
      { slug: "some-voice-af-bella", name: "some-voice af_bella", sex: "female" },
      { slug: "some-voice-bm-george", name: "some-voice bm_george", language: "en-GB" },
    ]);
  });
});

const styled = { sample_rate: "24000", n_speakers: "2", has_espeak: "1", model_type: "kokoro" };

/** What is wrong with a folder, and a part of what is said of it. */
const faults: readonly (readonly [string, FolderContent, string])[] = [
  ["nothing in it", {}, "It holds no model"],
  ["only a readme", { "README.md": "" }, "It holds no model"],
  [
    "half a model",
    changed(tones, "model.onnx", encodeToneVoice().subarray(0, 500)),
    "model.onnx is cut off",
  ],
  [
    "a pointer of Git LFS",
    changed(tones, "model.onnx", "version https://git-lfs.github.com/spec/v1\n"),
    "git lfs",
  ],
  ["a web page", changed(tones, "model.onnx", "<html></html>"), "web page"],
  ["no tokens", changed(tones, "tokens.txt"), "lacks tokens.txt"],
  ["empty tokens", changed(tones, "tokens.txt", "\n"), "tokens.txt is empty"],
  ["tokens of something else", changed(tones, "tokens.txt", "a b c\n"), "line 1, is not a token"],
  [
    "tokens of two characters",
    changed(tones, "tokens.txt", "a 1\nbc 2\n"),
    "line 2, is not one character",
  ],
  ["a token twice", changed(tones, "tokens.txt", "a 1\na 2\n"), "line 2, repeats"],
  ["no end of sentences", changed(packagedPiper, "tokens.txt", "_ 0\n^ 1\n"), 'lacks "$"'],
  ["two models", { ...packagedPiper, "other.onnx": encodeToneVoice() }, "several models"],
  ["no metadata", tonesWith({}), 'lacks "sample_rate"'],
  [
    "no number of speakers",
    tonesWith({ sample_rate: "16000", comment: "piper", language: "en" }),
    'lacks "n_speakers"',
  ],
  [
    "a rate of words",
    tonesWith({ ...characterMetadata(16_000), sample_rate: "high" }),
    "sample_rate of high",
  ],
  ["a low rate", tonesWith(characterMetadata(4000)), "sample_rate of 4000"],
  ["a high rate", tonesWith(characterMetadata(96_000)), "sample_rate of 96000"],
  [
    "many speakers",
    tonesWith({ ...characterMetadata(16_000), n_speakers: "99999999" }),
    "n_speakers of 99999999",
  ],
  [
    "neither lexicon nor espeak-ng",
    tonesWith({ ...characterMetadata(16_000), comment: "own", frontend: "" }),
    "lexicon.txt",
  ],
  ["an old MeloTTS", tonesWith({ ...characterMetadata(16_000), comment: "melo" }), "old MeloTTS"],
  [
    "settings that are none",
    { ...publishedPiper(), "en_GB-vctk-medium.onnx.json": "{" },
    ".onnx.json is not JSON",
  ],
  [
    "settings of something else",
    publishedPiper({ audio: {} }),
    "not that of a Piper voice (audio.sample_rate)",
  ],
  ["no styles of its speakers", changed(kokoro, "voices.bin", ""), "voices.bin has 0 bytes"],
  [
    "styles of no dimensions",
    changed(kokoro, "model.onnx", encodeStyledToneVoice({ ...styled, style_dim: "1" })),
    "style_dim",
  ],
  ["no vocoder", changed(matcha, "vocos-22khz-univ.onnx"), "vocoder"],
  [
    "a vocoder that is none",
    changed(matcha, "vocos-22khz-univ.onnx", encodeToneVoice()),
    "does not say that it is a vocoder",
  ],
  [
    "Matcha without a front end",
    changed(
      matcha,
      "model-steps-3.onnx",
      encodeMatchaTones({ sample_rate: "22050", n_speakers: "1", use_eos_bos: "1", pad_id: "0" }),
    ),
    "has_espeak",
  ],
  ["Matcha under a name of VITS", tonesWith({ model_type: "matcha-tts" }), "vocoder"],
  ["half of Supertonic", changed(supertonic, "text_encoder.int8.onnx"), "lacks text_encoder.onnx"],
  [
    "no voices of Supertonic",
    changed(supertonic, "voice.bin", Buffer.alloc(100)),
    "voice.bin is not whole",
  ],
  [
    "no rate of Supertonic",
    changed(supertonic, "tts.json", "{}"),
    "tts.json is not as it must be at ae",
  ],
  [
    "no letters of Supertonic",
    changed(supertonic, "unicode_indexer.bin", ""),
    "unicode_indexer.bin is empty",
  ],
  ["a voice.json that is none", { ...tones, "voice.json": "[" }, "voice.json is not JSON"],
];

describe("a folder cannot be used that holds", () => {
  it.each(faults)("%s", async (_, content, said) => {
    await mkdir(path);
    await writeFolder(path, content);
    const fault = await checkModelFolder(path);
    expect(fault).toEqual({ name: "some-voice", reason: expect.stringContaining(said) as string });
    // One line that ends, whatever stands in the file.
    expect("reason" in fault ? fault.reason : "").toMatch(/^[A-Z][^\n]{10,250}[.)]$/);
  });

  it("no data of espeak-ng that the runtime can read", async () => {
    await writeFolder(path, packagedPiper);
    await writeEspeakData(join(path, "espeak-ng-data"), 0x01_52_00);
    const fault = await checkModelFolder(path);
    expect(fault).toMatchObject({ reason: expect.stringContaining("another version") as string });
    await rm(join(path, "espeak-ng-data", "intonations"));
    expect(await checkModelFolder(path)).toMatchObject({
      reason: expect.stringContaining("lacks intonations") as string,
    });
  });

  it("a model where no folder is", async () => {
    await writeFile(path, "");
    expect(await checkModelFolder(path)).toMatchObject({
      reason: "It is not a folder that can be read.",
    });
  });
});
