import type { ListedVoice } from "./job.ts";

/** What espeak-ng tells while it speaks; positions are code points of what it was asked, from 1. */
export interface EspeakEvent {
  readonly type: string;
  readonly text_position: number;
  /** In ms from the start of the audio. */
  readonly audio_position: number;
  /** Of a phoneme its name in IPA, nothing for silence. */
  readonly id?: string | number | undefined;
}

/** 100 ms of audio, and what begins in them. */
export type EspeakChunk = readonly [
  samples: Int16Array<ArrayBuffer>,
  events: readonly EspeakEvent[],
];

/** Is handed the audio; says whether there is to be more. */
export type EspeakListener = (...chunk: EspeakChunk) => boolean;

export const sampleRateHz = 22_050;
/** In words a minute; the package's own, and the limits of what it can do. */
export const rates = { own: 175, slowest: 80, fastest: 450 } as const;

const maxBytes = 64 * 1024;

/** The package's module, as far as it is used here. */
interface EspeakModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly eSpeakNGWorker: new () => EspeakInstance;
}

interface EspeakInstance {
  set_voice(identifier: string): void;
  set_rate(wordsPerMinute: number): void;
  synthesize(
    ssml: string,
    callback: (samples: Int16Array<ArrayBuffer>, events: EspeakEvent[]) => boolean,
  ): void;
  get_voices(index: number): {
    readonly ptr: number;
    get_name(): string;
    get_identifier(): string;
    get_gender(): number;
    /** Bytes: a priority, a tag that ends in 0, and again. */
    get_languages(index: number): number;
  };
}

/**
 * One instance of espeak-ng. It says the same in the same way every time: what it remembers of
 * one text would change the next one by a little, so its memory is put back.
 */
export class EspeakProgram {
  readonly #module: EspeakModule;
  readonly #instance: EspeakInstance;
  readonly #memory: Uint8Array<ArrayBuffer>;
  #isFresh = true;

  private constructor(module: EspeakModule) {
    this.#module = module;
    this.#instance = new module.eSpeakNGWorker();
    // The module's bindings keep a place in its memory for the text, and know outside of it where
    // that is: it has to be large enough before the memory is copied. The second time it is made so.
    const longest = " ".repeat(maxBytes);
    for (let time = 0; time < 2; time += 1) this.#instance.synthesize(longest, () => true);
    const used = module.HEAPU8.findLastIndex((byte) => byte !== 0) + 1;
    this.#memory = module.HEAPU8.slice(0, used);
  }

  /** Loads the package's module. */
  static async load(moduleUrl: string): Promise<EspeakProgram> {
    const { default: init } = (await import(moduleUrl)) as {
      readonly default: () => Promise<EspeakModule>;
    };
    return new EspeakProgram(await init());
  }

  listVoices(): ListedVoice[] {
    const voices: ListedVoice[] = [];
    for (let voice = this.#voiceAt(0); voice.ptr !== 0; voice = this.#voiceAt(voices.length)) {
      let language = "";
      for (let at = 1, byte = 0; (byte = voice.get_languages(at)) !== 0; at += 1) {
        language += String.fromCharCode(byte);
      }
      const name = voice.get_name().trim();
      voices.push({
        name,
        identifier: voice.get_identifier(),
        language,
        gender: voice.get_gender(),
      });
    }
    return voices;
  }

  /**
   * Speaks SSML. The listener is called while it speaks.
   * @throws {RangeError} for more than 64 KiB
   */
  speak(ssml: string, voice: string, rate: number, listener: EspeakListener): void {
    if (Buffer.byteLength(ssml) >= maxBytes) throw new RangeError("too much text in one go");
    this.refresh();
    this.#isFresh = false;
    this.#instance.set_voice(voice);
    this.#instance.set_rate(rate);
    this.#instance.synthesize(ssml, (samples, events) => !listener(samples, events));
  }

  /** Forgets what was spoken. Happens by itself before the next text, and better when nobody waits. */
  refresh(): void {
    if (this.#isFresh) return;
    const { HEAPU8: memory } = this.#module;
    memory.set(this.#memory);
    memory.fill(0, this.#memory.length);
    this.#isFresh = true;
  }

  #voiceAt(index: number): ReturnType<EspeakInstance["get_voices"]> {
    return this.#instance.get_voices(index);
  }
}
