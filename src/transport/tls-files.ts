import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Cancel, Clock } from "../clock.ts";

/** PEM texts; with them the server speaks `https` and `wss`. */
export interface TlsFiles {
  /** The certificate, and those that lead to one that clients know. */
  readonly cert: string;
  readonly key: string;
}

/** Where they lie. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
}

/** Where they lie, and what was there. */
export interface TlsSource {
  readonly paths: TlsPaths;
  readonly files: TlsFiles;
}

/** Whoever is told of other files. */
export interface TlsListener {
  onChange(files: TlsFiles): void;
  /** The files cannot be used, and those before them are kept. Told once for each such pair. */
  onFault(reason: string): void;
}

/** How often the files are looked at: a renewed certificate has weeks left. */
export const tlsLookMs = 5000;

/** Reads a certificate and its key. @throws {Error} when a file cannot be read */
export async function readTlsFiles({ cert, key }: TlsPaths): Promise<TlsFiles> {
  return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}

/**
 * Looks at the files again and again until it is stopped, and tells when they have changed. Their
 * content is compared: times and inodes say little where links are moved, as by certbot and
 * Kubernetes. Two files cannot be changed in one moment, so a pair that does not fit is looked at
 * twice before it counts as a fault.
 */
export function watchTlsFiles(
  { paths, files: used }: TlsSource,
  clock: Clock,
  listener: TlsListener,
): Cancel {
  let isStopped = false;
  let current = nameOf(used);
  let suspect = "";
  let told = "";
  const judge = (name: string, reason: string): void => {
    if (name === suspect && name !== told) {
      told = name;
      listener.onFault(reason);
    }
    suspect = name;
  };
  const look = async (): Promise<void> => {
    const files = await readTlsFiles(paths).catch(() => undefined);
    if (isStopped) return;
    if (!files) return judge("unreadable", "they cannot be read");
    const name = nameOf(files);
    if (name === current) {
      suspect = "";
      told = "";
      return;
    }
    const reason = faultOfTls(files);
    if (reason !== undefined) return judge(name, reason);
    [current, suspect, told] = [name, "", ""];
    listener.onChange(files);
  };
  const lookAgain = async (): Promise<void> => {
    await look();
    if (!isStopped) cancel = wait();
  };
  const wait = (): Cancel => clock.schedule(tlsLookMs, () => void lookAgain());
  let cancel = wait();
  return () => {
    isStopped = true;
    cancel();
  };
}

const nameOf = ({ cert, key }: TlsFiles): string => `${cert}\0${key}`;

/** What is wrong with a certificate and its key, in words; undefined if clients can be served with them. */
export function faultOfTls({ cert, key }: TlsFiles): string | undefined {
  // What is empty would be taken for what is not given at all.
  if (![cert, key].every((text) => text.includes("-----BEGIN "))) return notPem;
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH"
      ? "the key is not that of the certificate"
      : notPem;
  }
}

const notPem = "one of them cannot be read as PEM";
