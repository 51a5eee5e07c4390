// The package brings no types; these are the calls the test makes, as its README describes them.
declare module "elevenlabs-node" {
  import type { Readable } from "node:stream";

  interface VoiceSettings {
    stability: number;
    similarity_boost: number;
  }

  export default class ElevenLabs {
    constructor(options: { apiKey: string; voiceId?: string });
    textToSpeech(request: {
      fileName: string;
      textInput: string;
      voiceId?: string;
      stability?: number;
      similarityBoost?: number;
      modelId?: string;
      style?: number;
      speakerBoost?: boolean;
    }): Promise<{ status: string; fileName: string } | undefined>;
    textToSpeechStream(request: { textInput: string; voiceId?: string }): Promise<Readable>;
    getVoices(): Promise<{ voices: { voice_id: string; name: string }[] }>;
    getVoice(request: { voiceId: string }): Promise<{ voice_id: string; name: string } | undefined>;
    getVoiceSettings(request: { voiceId: string }): Promise<VoiceSettings>;
    editVoiceSettings(request: {
      voiceId: string;
      stability: number;
      similarityBoost: number;
    }): Promise<{ status: string }>;
    getUserInfo(): Promise<{ subscription: { status: string } }>;
    getModels(): Promise<{ model_id: string }[]>;
  }
}
