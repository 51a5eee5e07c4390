import { describe, expect, it } from "vitest";
import { createCatalogue, models, voiceAliases } from "./catalogue.ts";
import { fliteVoices } from "./engine/flite/flite.ts";
import { createToneEngine } from "./engine/tone.ts";

const voices = [...fliteVoices, ...createToneEngine().voices];
const catalogue = createCatalogue(voices);

describe("the catalogue", () => {
  it.each(voices)("finds $name by id, slug and name, case aside", (voice) => {
    for (const name of [voice.id, voice.slug, voice.name]) {
      expect(catalogue.findVoice(name)).toBe(voice);
      expect(catalogue.findVoice(name.toUpperCase())).toBe(voice);
      expect(catalogue.findVoice(name.toLowerCase())).toBe(voice);
    }
  });

  it.each(voices)("$name has an id of 20 letters and digits and a readable slug", (voice) => {
    expect(voice.id).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(voice.slug).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  it("has no name twice, case aside", () => {
    const names = voices.flatMap(({ id, slug, name }) => [...new Set([id, slug, name].map(lower))]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ["21m00Tcm4TlvDq8ikWAM", "female"],
    ["hpp4J3VqNfWAUOO0d1Us", "female"],
    ["EXAVITQu4vr4xnSDxMaL", "female"],
    ["JBFqnCBsd6RMkjVDRZzb", "male"],
    ["Xb7hH8MSUJpSbSDYk0k2", "female"],
    ["bIHbv24MWmeRgasZH58o", "male"],
    ["pNInz6obpgDQGcFmaJgB", "male"],
  ])("knows the id %s, which frameworks have built in, as a %s voice", (id, sex) => {
    expect(catalogue.findVoice(id)?.sex).toBe(sex);
    expect(catalogue.findVoice(id.toLowerCase())).toBe(catalogue.findVoice(id));
    expect(Object.hasOwn(voiceAliases, id)).toBe(true);
  });

  it("finds nothing for other names", () => {
    for (const name of ["", " ", "nobody", "constructor", "flite-rms ", "__proto__"]) {
      expect(catalogue.findVoice(name)).toBeUndefined();
    }
  });

  it("leaves out an alias whose voice is not there", () => {
    const small = createCatalogue(fliteVoices.slice(0, 1));
    expect(small.findVoice("21m00Tcm4TlvDq8ikWAM")).toBeUndefined();
    expect(small.findVoice("JBFqnCBsd6RMkjVDRZzb")?.slug).toBe("flite-rms");
  });

  it("finds the models it lists, and only eleven_v3 not on sockets", () => {
    for (const model of models) expect(catalogue.findModel(model.id)).toBe(model);
    expect(catalogue.findModel("constructor")).toBeUndefined();
    expect(models.filter(({ onSockets }) => !onSockets).map(({ id }) => id)).toEqual(["eleven_v3"]);
  });
});

const lower = (name: string): string => name.toLowerCase();
