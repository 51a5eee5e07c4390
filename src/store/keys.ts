import { hash as digest, randomBytes, timingSafeEqual } from "node:crypto";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const hashOf = (key: string): Buffer => digest("sha256", key, "buffer");

/** Checks keys without knowing them: only a hash is kept. */
export interface KeyChecker {
  /** SHA-256 of the key. */
  readonly hash: Buffer;
  accepts(key: string): boolean;
}

export function createKeyChecker(hash: Buffer): KeyChecker {
  return { hash, accepts: (key) => timingSafeEqual(hashOf(key), hash) };
}

/** The key of a server, and whether it was made just now. */
export interface ServerKey {
  readonly checker: KeyChecker;
  /** Only right after it was made: nobody can show it again. */
  readonly newKey: string | undefined;
}

const hashFile = "api-key.sha256";

/** The stored hash is none. A new key would silently lock out whoever has the old one. */
export class DamagedKeyError extends Error {
  override readonly name = "DamagedKeyError";
  readonly path: string;

  constructor(path: string) {
    super(`${path} holds no key's hash`);
    this.path = path;
  }
}

/**
 * The configured key, else the one whose hash lies in the data folder, else a new one whose
 * hash is written there.
 */
export async function openServerKey(
  configured: string | undefined,
  dataDir: string,
): Promise<ServerKey> {
  if (configured !== undefined) {
    return { checker: createKeyChecker(hashOf(configured)), newKey: undefined };
  }
  const path = join(dataDir, hashFile);
  const stored = await readHash(path);
  if (stored) return { checker: createKeyChecker(stored), newKey: undefined };
  const newKey = `sk_${randomBytes(32).toString("hex")}`;
  const hash = hashOf(newKey);
  await makeFolder(dataDir);
  await writeFile(path, `${hash.toString("hex")}\n`, { mode: 0o600 });
  return { checker: createKeyChecker(hash), newKey };
}

/** Not by `recursive`: under `/proc` that never ends in Node 20. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || (await isThere(parent))) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function readHash(path: string): Promise<Buffer | undefined> {
  try {
    const hash = Buffer.from((await readFile(path, "utf8")).trim(), "hex");
    if (hash.length !== 32) throw new DamagedKeyError(path);
    return hash;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
