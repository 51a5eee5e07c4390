export { type Clock, systemClock } from "./clock.ts";
export type { Engine, Pcm, Synthesizer, Utterance } from "./engine/synthesizer.ts";
export { createServer, type ServerParts, type SyrinxServer } from "./server.ts";
export { readSettings, SettingError, type Settings, type SettingSources } from "./settings.ts";
