import { createRequire } from "node:module";
import { join } from "node:path";
import { installOf } from "../../protocol/optional-engines.ts";

/** The package that speaks. It is not installed with this server: part of it is under the GPL. */
const packageName = "sherpa-onnx-node";

/** What to do when the package is missing. */
export const installHint: string = installOf("sherpa-onnx") ?? "";

/** What a text is spoken with. */
export interface Generation {
  readonly text: string;
  /** Without it samples lie in memory that the library frees. */
  readonly enableExternalBuffer: boolean;
  readonly generationConfig: {
    readonly sid: number;
    readonly speed: number;
    readonly silenceScale: number;
    readonly extra?: Readonly<Record<string, string | number>>;
  };
}

/** A model that is loaded. */
export interface OfflineTts {
  readonly sampleRate: number;
  readonly numSpeakers: number;
  generateAsync(request: Generation): Promise<{ readonly samples: Float32Array }>;
}

/** What of the package is in use. */
export interface Runtime {
  readonly OfflineTts: { createAsync(config: unknown): Promise<OfflineTts> };
}

/** Where the package lies: beside this server, or where it was started; nothing if nowhere. */
export function findRuntime(): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(packageName);
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Loads native code: only for a process of its own. */
export function loadRuntime(path: string): Runtime {
  return createRequire(import.meta.url)(path) as Runtime;
}
