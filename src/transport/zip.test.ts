import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { zip, type ZipEntry } from "./zip.ts";

async function* each(entries: readonly ZipEntry[]): AsyncGenerator<ZipEntry> {
  yield* entries;
}

async function* pieces(...bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

async function join(archive: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of archive) parts.push(piece);
  return Buffer.concat(parts);
}

it("has every file whole, in order, under its name", async () => {
  const long = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 7) % 251);
  const archive = await join(
    zip(
      each([
        {
          name: "b.mp3",
          modifiedAtUnix: 1_700_000_000,
          bytes: pieces(long.subarray(0, 10), long.subarray(10)),
        },
        { name: "a.mp3", modifiedAtUnix: 1_700_000_000, bytes: pieces(Uint8Array.of(1, 2, 3)) },
        { name: "empty.mp3", modifiedAtUnix: 1_700_000_000, bytes: pieces() },
      ]),
    ),
  );
  const files = unzipSync(archive);
  expect(Object.keys(files)).toEqual(["b.mp3", "a.mp3", "empty.mp3"]);
  expect(Buffer.from(files["b.mp3"] ?? []).equals(long)).toBe(true);
  expect(files["a.mp3"]).toEqual(Uint8Array.of(1, 2, 3));
  expect(files["empty.mp3"]).toHaveLength(0);
});

it("a date before zip archives were invented does no harm", async () => {
  const entry = { name: "a", modifiedAtUnix: 0, bytes: pieces(Uint8Array.of(1)) };
  expect(unzipSync(await join(zip(each([entry]))))["a"]).toEqual(Uint8Array.of(1));
});

it("the first file leaves before the second one is there", async () => {
  const asked: string[] = [];
  async function* entries(): AsyncGenerator<ZipEntry> {
    for (const name of ["1", "2"]) {
      asked.push(name);
      yield { name, modifiedAtUnix: 1_700_000_000, bytes: pieces(Uint8Array.of(1)) };
    }
  }
  const archive = zip(entries());
  expect((await archive.next()).value).toBeInstanceOf(Uint8Array);
  expect(asked).toEqual(["1"]);
});

it("a file that cannot be begun is not in the archive", async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* [];
    throw new Error("no");
  }
  const entry = { name: "a", modifiedAtUnix: 1_700_000_000, bytes: broken() };
  await expect(zip(each([entry])).next()).rejects.toThrow("no");
});
