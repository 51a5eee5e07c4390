import { SingleBar } from "cli-progress";
import { wakefulClock } from "../clock.ts";
import { findRuntime, installHint } from "../engine/sherpa/runtime.ts";
import { voicesPath } from "../engine/voice-folders.ts";
import { type AddedVoice, addVoice } from "../voices/add-voice.ts";
import type { OnProgress } from "../voices/progress.ts";
import { downloadBytesOf, publicVoices } from "../voices/public-voices.ts";
import { removeVoice } from "../voices/remove-voice.ts";
import { onceAskedToEnd } from "./end-signals.ts";
import { CommandError, UsageError } from "./errors.ts";
import { readVoiceSettings } from "./known-voices.ts";
import { openServer } from "./server-api.ts";
import { formatBytes, printFacts, printJson, printTable } from "./table.ts";

/** What `syrinx voices add` was asked to do. */
export interface AddOptions {
  readonly dataDir?: string | undefined;
  readonly name?: string | undefined;
  readonly replace?: boolean | undefined;
  readonly sha256?: string | undefined;
  /** A running server that takes the voice up. */
  readonly server?: string | undefined;
}

/** Adds a voice and says what it found. */
export async function add(source: string, options: AddOptions): Promise<void> {
  const { name, replace = false, sha256, server } = options;
  if (sha256 !== undefined && !/^[\da-f]{64}$/i.test(sha256)) {
    throw new UsageError("--sha256 must be 64 hexadecimal digits.");
  }
  const path = voicesPath((await readVoiceSettings(options.dataDir)).dataDir);
  const api = server === undefined ? undefined : openServer(server);
  const interruption = new AbortController();
  const stopListening = onceAskedToEnd(() => interruption.abort());
  const progress = createProgress();
  try {
    const request = { source, voicesPath: path, name, replace, sha256 };
    const added = await addVoice(request, {
      clock: wakefulClock,
      signal: interruption.signal,
      onProgress: progress.report,
    });
    progress.stop();
    printAdded(added, path);
  } catch (error) {
    if (interruption.signal.aborted) throw new CommandError("Interrupted: nothing was added.");
    throw error;
  } finally {
    progress.stop();
    stopListening();
  }
  if (api) await refresh(api);
  else printRefreshHint("takes it up");
}

const shownVoices = 5;

function printAdded({ folder, model, voices }: AddedVoice, path: string): void {
  const { name, manifest, files } = folder;
  process.stdout.write(`Added ${name} to ${path}.\n`);
  const slugs = voices.map(({ slug }) => slug);
  const more = slugs.length - shownVoices;
  const papers = files.filter((file) => /^(?:LICEN[CS]E|MODEL_CARD|README)/i.test(file));
  printFacts({
    kind: model?.kind ?? "spoken by others",
    "sample rate": model && `${model.sampleRateHz} Hz`,
    languages: model
      ? [...new Set(voices.map(({ language }) => language))].join(", ")
      : manifest.language,
    speakers: model && String(model.speakers.length),
    size: model && formatBytes(model.sizeBytes),
    licence:
      manifest.licence ?? (papers.length > 0 ? `see its ${papers.join(", ")}` : "not stated"),
    voices: model
      ? `${slugs.slice(0, shownVoices).join(", ")}${more > 0 ? ` and ${more} more` : ""}`
      : name,
  });
  const [first] = slugs;
  if (model && findRuntime() === undefined) {
    process.stdout.write(`To speak with it: ${installHint}\n`);
  } else if (first !== undefined) {
    process.stdout.write(`Hear it: syrinx voices test ${first} --out ${first}.wav\n`);
  }
}

/** Removes a voice and says what went. */
export async function remove(wanted: string, options: AddOptions): Promise<void> {
  const path = voicesPath((await readVoiceSettings(options.dataDir)).dataDir);
  const api = options.server === undefined ? undefined : openServer(options.server);
  const { name, slugs } = await removeVoice(wanted, path);
  const others = slugs.length > 1 ? ` with its ${slugs.length} voices` : "";
  process.stdout.write(`Removed ${name}${others} from ${path}.\n`);
  if (api) await refresh(api);
  else printRefreshHint("lets it go");
}

function printRefreshHint(what: string): void {
  process.stdout.write(
    `A running server ${what} after: curl -X POST -H "xi-api-key: $SYRINX_API_KEY" http://127.0.0.1:8080/v1/voices/refresh\n`,
  );
}

async function refresh(api: ReturnType<typeof openServer>): Promise<void> {
  const response = await api.request("POST", "/v1/voices/refresh");
  const { added, removed, faults } = (await response.json()) as {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly faults: readonly { readonly name: string; readonly reason: string }[];
  };
  const list = (slugs: readonly string[]): string => slugs.join(", ") || "none";
  process.stdout.write(`The server has new: ${list(added)}; gone: ${list(removed)}.\n`);
  for (const { name, reason } of faults) process.stderr.write(`syrinx: ${name}: ${reason}\n`);
}

/** Prints the voices that can be added by name. */
export function listPublicVoices({ json }: { readonly json?: boolean | undefined }): void {
  if (json === true) {
    printJson(publicVoices);
    return;
  }
  printTable([
    ["NAME", "LANGUAGES", "SPEAKERS", "DOWNLOAD", "SHA-256", "LICENCE"],
    ...publicVoices.map((voice) => {
      const bytes = downloadBytesOf(voice);
      const isKnown = voice.files.every(({ sha256 }) => sha256.length > 0);
      return [
        voice.name,
        voice.languages.join(" "),
        String(voice.speakers),
        bytes === undefined ? "unknown" : formatBytes(bytes),
        isKnown ? "known" : "unverified",
        voice.licence,
      ];
    }),
  ]);
}

interface Progress {
  readonly report: OnProgress;
  stop(): void;
}

/** A bar on a terminal for each step, nothing on a pipe. */
function createProgress(): Progress {
  if (!process.stderr.isTTY) return { report: () => {}, stop: () => {} };
  let current: { readonly step: string; readonly bar: SingleBar } | undefined;
  return {
    report(step, doneBytes, totalBytes) {
      if (totalBytes === undefined) return;
      if (current?.step !== step) {
        current?.bar.stop();
        const bar = new SingleBar({
          format: `${step} [{bar}] {percentage} % | {eta_formatted} left`,
        });
        bar.start(totalBytes, 0);
        current = { step, bar };
      }
      current.bar.setTotal(totalBytes);
      current.bar.update(doneBytes);
    },
    stop() {
      current?.bar.stop();
      current = undefined;
    },
  };
}
