import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainWrite } from "./voice-error.ts";

/** Hidden, so that no server takes it for a voice. */
const prefix = ".adding-";
/** Of whatever was killed on the way; nobody takes that long. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Where a voice is put together before it appears. */
export interface Staging {
  /** For what is only needed on the way. */
  readonly workPath: string;
  /** For the voice; beside the others, as it will lie later. It is not there at first. */
  readonly voicePath: string;
  /** Makes the voice appear in one step, in the place of one that is called so. */
  readonly publish: (path: string) => Promise<void>;
}

/** Lets `work` put a voice together in `voicesPath`, and leaves nothing behind, however it ends. */
export async function withStaging<Result>(
  voicesPath: string,
  work: (staging: Staging) => Promise<Result>,
): Promise<Result> {
  let workPath: string | undefined;
  try {
    await mkdir(voicesPath, { recursive: true });
    await removeAbandoned(voicesPath);
    workPath = await mkdtemp(join(voicesPath, prefix));
    const voicePath = `${workPath}.voice`;
    const publish = (path: string): Promise<void> => replace(voicePath, path, `${workPath}.old`);
    return await work({ workPath, voicePath, publish });
  } catch (error) {
    throw explainWrite(error, voicesPath) ?? error;
  } finally {
    if (workPath !== undefined) {
      for (const path of [workPath, `${workPath}.voice`, `${workPath}.old`]) {
        await rm(path, { recursive: true, force: true }).catch(() => {});
      }
    }
  }
}

async function replace(from: string, to: string, old: string): Promise<void> {
  const isThere = await rename(to, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(from, to);
  } catch (error) {
    if (isThere) await rename(old, to);
    throw error;
  }
}

async function removeAbandoned(voicesPath: string): Promise<void> {
  for (const name of await readdir(voicesPath)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(voicesPath, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
