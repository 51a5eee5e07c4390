import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../clock.ts";
import { explainFailure, explainStatus, reasonOf, shownUrl } from "./download-failures.ts";
import type { OnProgress } from "./progress.ts";
import { VoiceError } from "./voice-error.ts";

/** What is fetched, and how it is known to be the right thing. */
export interface Download {
  readonly url: string;
  readonly sizeBytes?: number | undefined;
  /** In hexadecimal; several when it was published again, none when nobody knows. */
  readonly sha256: readonly string[];
}

/** How something is fetched. */
export interface DownloadingOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Larger than any model there is. */
const maxBytes = 4 * 1024 ** 3;
/** Between attempts; each goes on where the last one broke off. */
const pausesMs: readonly number[] = [500, 1000, 2000, 4000];
const maxSilentMs = 30_000;
const maxRedirects = 5;

/**
 * Fetches a file over https, in several attempts if it has to, and checks what came.
 * @throws {VoiceError} when it cannot be had or is not what it should be
 */
export async function download(
  what: Download,
  path: string,
  options: DownloadingOptions,
): Promise<void> {
  const file = await open(path, "w");
  try {
    const attempt: Attempt = { ...options, what, file, doneBytes: 0, etag: undefined };
    await fetchAll(attempt);
  } finally {
    await file.close();
  }
  if (what.sha256.length > 0) await checkHash(what, path, options.signal);
}

interface Attempt extends DownloadingOptions {
  readonly what: Download;
  readonly file: FileHandle;
  doneBytes: number;
  /** Tells whether the rest is still the rest of the same file. */
  etag: string | undefined;
}

async function fetchAll(attempt: Attempt): Promise<void> {
  const { signal, clock, what } = attempt;
  let reason = "";
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      await fetchRest(attempt);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const failure = explainFailure(error, what.url, attempt.doneBytes > 0);
      if (failure || error instanceof VoiceError) throw failure ?? error;
      reason = reasonOf(error);
      if (pauseMs !== undefined) await pause(clock, pauseMs, signal);
    }
  }
  throw new VoiceError(
    `${shownUrl(what.url)} could not be fetched in ${pausesMs.length + 1} attempts (${reason}): try again later, or fetch it by other means and add the file.`,
  );
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(ms, resolve);
    const stop = (): void => {
      cancel();
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Goes on with what is there already, or begins again where the server cannot. */
async function fetchRest(attempt: Attempt): Promise<void> {
  const { what, file, clock, signal, onProgress } = attempt;
  const silence = new AbortController();
  const stop = (): void => silence.abort(new Error("nothing came any more"));
  let cancelSilence = clock.schedule(maxSilentMs, stop);
  try {
    const response = await follow(attempt, AbortSignal.any([signal, silence.signal]));
    if (!response.body) throw new Error("no body");
    const isRest = response.status === 206 && beginOf(response) === attempt.doneBytes;
    if (!isRest) {
      attempt.doneBytes = 0;
      await file.truncate(0);
      if (response.status === 206) throw new Error("another part than was asked for");
    }
    attempt.etag = response.headers.get("etag") ?? undefined;
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const totalBytes = Number.isNaN(length) ? undefined : attempt.doneBytes + length;
    checkSize(what, totalBytes);
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      cancelSilence();
      cancelSilence = clock.schedule(maxSilentMs, stop);
      await file.write(piece, 0, piece.length, attempt.doneBytes);
      attempt.doneBytes += piece.length;
      if (attempt.doneBytes > maxBytes) throw new VoiceError(tooLarge(what.url));
      onProgress("downloading", attempt.doneBytes, totalBytes);
    }
    if (totalBytes !== undefined && attempt.doneBytes < totalBytes) throw new Error("it broke off");
  } finally {
    cancelSilence();
  }
}

/** What answers in the end. Redirections may lead anywhere but out of the encryption. */
async function follow(attempt: Attempt, signal: AbortSignal): Promise<Response> {
  const { what, doneBytes, etag } = attempt;
  let url = what.url;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    requireSafe(url, what);
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      headers: {
        // A packed body could not be gone on with.
        "accept-encoding": "identity",
        ...(doneBytes > 0 && { range: `bytes=${doneBytes}-` }),
        ...(doneBytes > 0 && etag !== undefined && { "if-range": etag }),
      },
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      const failure = explainStatus(response, what.url);
      if (!failure) return response;
      await response.body?.cancel();
      throw failure;
    }
    await response.body?.cancel();
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (!next || (url.startsWith("https:") && next.protocol !== "https:")) {
      throw new VoiceError(
        `${shownUrl(url)} leads to an address without https: fetch it by other means and add the file.`,
      );
    }
    url = next.href;
  }
  throw new VoiceError(`${shownUrl(what.url)} leads in a circle: check the address.`);
}

/** Without https anybody on the way could have changed it, unless it is known what it must be. */
function requireSafe(url: string, { sha256 }: Download): void {
  const { protocol, hostname } = new URL(url);
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === "https:" || (protocol === "http:" && (isHere || sha256.length > 0))) return;
  throw new VoiceError(
    `${shownUrl(url)} is not safe from change on its way: take an https:// address, or give --sha256.`,
  );
}

const beginOf = ({ headers }: Response): number =>
  Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1] ?? Number.NaN);

const tooLarge = (url: string): string =>
  `${shownUrl(url)} is larger than any model: check the address.`;

function checkSize({ url, sizeBytes, sha256 }: Download, totalBytes: number | undefined): void {
  if (totalBytes === undefined) return;
  if (totalBytes > maxBytes) throw new VoiceError(tooLarge(url));
  // One that was published again has its own size.
  if (sizeBytes === undefined || sha256.length !== 1 || totalBytes === sizeBytes) return;
  throw new VoiceError(
    `${shownUrl(url)} has ${totalBytes} bytes where ${sizeBytes} are known.${advice(url)}`,
  );
}

async function checkHash(
  { url, sha256 }: Download,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash, { signal });
  const found = hash.digest("hex");
  if (sha256.includes(found)) return;
  throw new VoiceError(
    `${shownUrl(url)} is not what it should be: its SHA-256 is ${found}, not ${sha256.join(" or ")}.${advice(url)}`,
  );
}

const advice = (url: string): string =>
  ` Nothing was added; if it was published anew and you trust it: syrinx voices add ${shownUrl(url)}`;
