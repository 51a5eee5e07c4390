import type { Problem } from "./problems.ts";
import type { Catalogue } from "./voice.ts";

/** An engine that works once its package is installed beside the server. */
export interface OptionalEngine {
  /** Its name, with which the slugs of its voices begin. */
  readonly name: string;
  /** What the user types to have it. */
  readonly install: string;
}

const optionalEngines: readonly OptionalEngine[] = [
  { name: "espeak", install: "npm install @echogarden/espeak-ng-emscripten@0.3.5" },
  { name: "sherpa-onnx", install: "npm install sherpa-onnx-node@1.13.8" },
];

/** What the user types to have an engine; nothing for those that are there anyway. */
export const installOf = (engine: string): string | undefined =>
  optionalEngines.find(({ name }) => name === engine)?.install;

/** Why a voice was not found that was asked for by this name. */
export function missingVoice(voiceId: string, { voices }: Catalogue): Problem {
  const engine = optionalEngines.find(({ name }) => voiceId.toLowerCase().startsWith(`${name}-`));
  if (!engine || voices.some((voice) => voice.engine === engine.name)) {
    return { code: "voice_not_found", details: { voiceId } };
  }
  return { code: "engine_not_installed", details: { voiceId, install: engine.install } };
}
