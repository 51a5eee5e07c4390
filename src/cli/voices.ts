import {
  findVoice,
  type ListedVoice,
  readServerVoices,
  readVoiceSettings,
  withEngines,
} from "./known-voices.ts";
import { printFacts, printJson, printTable } from "./table.ts";

/** What the commands about voices have in common. */
export interface VoicesOptions {
  readonly dataDir?: string | undefined;
  /** A running server, which is asked instead. */
  readonly server?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Of voices that do not say it themselves. */
const engineLicences: Readonly<Record<string, string>> = {
  flite: "CMU's own, permissive",
  espeak: "GPL-3.0",
};

/** Prints the voices, one line each, or as JSON; what cannot be used is told on standard error. */
export async function listVoices(options: VoicesOptions): Promise<void> {
  const voices = await readVoices(options);
  if (options.json === true) {
    printJson(voices);
    return;
  }
  printTable([
    ["VOICE", "ID", "LANGUAGE", "SEX", "ENGINE", "TIMINGS", "LICENCE", "DESCRIPTION"],
    ...voices.map((voice) => [
      voice.slug,
      voice.id,
      voice.language,
      voice.sex,
      voice.engine,
      voice.timings,
      licenceOf(voice),
      voice.description,
    ]),
  ]);
}

/** Prints all that is known of one voice. */
export async function showVoice(wanted: string, options: VoicesOptions): Promise<void> {
  const voice = findVoice(await readVoices(options), wanted);
  if (options.json === true) {
    printJson(voice);
    return;
  }
  printFacts({
    voice: voice.slug,
    id: voice.id,
    name: voice.name,
    engine: voice.engine,
    language: voice.language,
    sex: voice.sex,
    "sample rate": voice.sampleRateHz === undefined ? undefined : `${voice.sampleRateHz} Hz`,
    timings: voice.timings,
    heeds: voice.heeds && ["speed", ...voice.heeds].join(", "),
    licence: licenceOf(voice),
    description: voice.description,
  });
}

const licenceOf = ({ licence, engine }: ListedVoice): string =>
  licence ?? engineLicences[engine] ?? "not stated";

async function readVoices({ server, dataDir }: VoicesOptions): Promise<readonly ListedVoice[]> {
  if (server !== undefined) return readServerVoices(server);
  return withEngines(await readVoiceSettings(dataDir), (_engines, { voices, faults }) => {
    for (const { name, reason } of faults) process.stderr.write(`syrinx: ${name}: ${reason}\n`);
    return Promise.resolve(voices);
  });
}
