import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createCertificate } from "../../test/conformance/certificate.ts";
import { type Cancel, ManualClock } from "../clock.ts";
import { type TlsFiles, tlsLookMs, watchTlsFiles } from "./tls-files.ts";

const [first, second, third] = ["one", "two", "three"].map((host) => createCertificate(host)) as [
  TlsFiles,
  TlsFiles,
  TlsFiles,
];

let folder: string;
let paths: TlsFiles;
let clock: ManualClock;
let stop: Cancel;
let told: (TlsFiles | string)[];

const write = async ({ cert, key }: TlsFiles): Promise<void> => {
  await writeFile(paths.cert, cert);
  await writeFile(paths.key, key);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "syrinx-tls-files-"));
  paths = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  clock = new ManualClock();
  told = [];
  await write(first);
  stop = watchTlsFiles({ paths, files: first }, clock, {
    onChange: (files) => told.push(files),
    onFault: (reason) => told.push(reason),
  });
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true, force: true });
});

/** Lets the files be looked at so many times. */
async function look(times = 1): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    clock.advance(tlsLookMs);
    // It waits for the disk, and then for its next time.
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

it("tells of files that have changed, once", async () => {
  await look(2);
  expect(told).toEqual([]);
  await write(second);
  await look(3);
  expect(told).toEqual([second]);
  await write(third);
  await look();
  expect(told).toEqual([second, third]);
});

it("waits for the second file of a pair", async () => {
  await writeFile(paths.cert, second.cert);
  await look();
  await writeFile(paths.key, second.key);
  await look();
  expect(told).toEqual([second]);
});

it("says once that a pair does not fit, and takes one that does", async () => {
  await writeFile(paths.cert, second.cert);
  await look(5);
  expect(told).toEqual(["the key is not that of the certificate"]);
  await writeFile(paths.key, second.key);
  await look(2);
  expect(told.slice(1)).toEqual([second]);
});

it.each([
  ["half written", first.cert.slice(0, 200)],
  ["empty", ""],
  ["something else", "not a certificate"],
])("keeps what it has while the certificate is %s", async (_what, text) => {
  await writeFile(paths.cert, text);
  await look(4);
  expect(told).toEqual(["one of them cannot be read as PEM"]);
  await write(first);
  await look();
  await writeFile(paths.cert, text);
  await look(3);
  // The same fault anew is told anew.
  expect(told).toHaveLength(2);
});

it("keeps what it has while a file is missing", async () => {
  await unlink(paths.key);
  await look(3);
  expect(told).toEqual(["they cannot be read"]);
  await write(second);
  await look();
  expect(told.slice(1)).toEqual([second]);
});

it("notices links that were moved, at the files or at their folder", async () => {
  stop();
  for (const [name, files] of Object.entries({ first, second })) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "cert.pem"), files.cert);
    await writeFile(join(folder, name, "key.pem"), files.key);
  }
  await symlink("first", join(folder, "current"));
  const linked = { cert: join(folder, "current/cert.pem"), key: join(folder, "current/key.pem") };
  stop = watchTlsFiles({ paths: linked, files: first }, clock, {
    onChange: (files) => told.push(files),
    onFault: (reason) => told.push(reason),
  });
  await look();
  await symlink("second", join(folder, "next"));
  await rename(join(folder, "next"), join(folder, "current"));
  await look();
  expect(told).toEqual([second]);
});

it("looks no more when it is stopped, not even at what it was reading", async () => {
  await write(second);
  clock.advance(tlsLookMs);
  stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});
