/** A voice a client can ask for. */
export interface Voice {
  /** 20 letters and digits, stable for ever. */
  readonly id: string;
  /** Readable and stable, such as `flite-rms`; works wherever the id does. */
  readonly slug: string;
  readonly name: string;
  /** Name of the engine that speaks it. */
  readonly engine: string;
  readonly sex: "male" | "female" | "neutral";
  /** BCP 47 tag, such as `en-US`. */
  readonly language: string;
  readonly description: string;
  /** Of whoever made the voice, if they say it. */
  readonly licence?: string;
  /** Rate of the samples the engine gives. */
  readonly sampleRateHz: number;
  /** How it is known when each character is heard: the engine says so, or its sound is compared with the text. */
  readonly timings: "exact" | "estimated";
  /** The settings that change how it sounds, besides `speed`, which every voice has. */
  readonly heeds: readonly HeededSetting[];
}

export type HeededSetting = Exclude<keyof VoiceSettings, "speed">;

/** A vendor's model id that is accepted; the voice decides which engine speaks. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly maxTextChars: number;
  /** Whether a socket may ask for it. */
  readonly onSockets: boolean;
  /** Cost of one character, for the accounts of clients that read it. */
  readonly costPerChar: number;
}

/** How a voice should sound. Each voice says what of it it {@link Voice.heeds}. */
export interface VoiceSettings {
  /** Speaking rate, 1 is the voice's own; 0.25..4. */
  readonly speed: number;
  /** 0..1 */
  readonly stability: number;
  /** 0..1 */
  readonly similarityBoost: number;
  /** 0..1 */
  readonly style: number;
  readonly useSpeakerBoost: boolean;
}

/** What every voice speaks with unless it is told otherwise. */
export const neutralSettings: VoiceSettings = {
  speed: 1,
  stability: 0.5,
  similarityBoost: 0.75,
  style: 0,
  useSpeakerBoost: true,
};

/**
 * What a request can be served with. Names are compared without regard to case. Voices come and go
 * while the server runs; who has found one keeps it.
 */
export interface Catalogue {
  readonly voices: readonly Voice[];
  /** Names that clients have built in, with the voice each stands for. */
  readonly aliases: readonly (readonly [alias: string, voice: Voice])[];
  readonly models: readonly Model[];
  /** By id, slug, name or alias. */
  findVoice(name: string): Voice | undefined;
  findModel(id: string): Model | undefined;
}
