import { expect, it } from "vitest";
import { findPublicVoice, publicVoices } from "./public-voices.ts";
import { findSource, nameOfSource } from "./source.ts";

it.each<[string, string]>([
  ["https://a.example/x/vits-piper-en_US-lessac-medium.tar.bz2", "piper-en_US-lessac-medium"],
  ["https://a.example/sherpa-onnx-supertonic-3.tar.bz2?download=true", "supertonic-3"],
  ["https://a.example/kokoro%20multi.zip", "kokoro-multi"],
  ["https://a.example/en_GB-alba-medium.onnx", "en_GB-alba-medium"],
  ["https://a.example/voices/anna.tgz", "anna"],
  ["piper:de_DE-thorsten-medium", "piper-de_DE-thorsten-medium"],
  ["PIPER:de_de-THORSTEN-medium", "piper-de_DE-thorsten-medium"],
])("calls %s %s", async (given, name) => {
  expect(nameOfSource(await findSource(given))).toBe(name);
});

it.each(["ftp://a.example/x.zip", "https://user:secret@a.example/x.zip", "https://", "data:x,y"])(
  "refuses %s",
  async (given) => {
    await expect(findSource(given)).rejects.toThrow(/https:\/\/|no file, folder or known voice/);
  },
);

it("knows every public voice by one name, from one place, with a hash that can be one", () => {
  const names = publicVoices.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const voice of publicVoices) {
    expect(findPublicVoice(voice.name)).toBe(voice);
    for (const { url, sha256, sizeBytes } of voice.files) {
      expect(url).toMatch(/^https:\/\/github\.com\/k2-fsa\/sherpa-onnx\/releases\/download\//);
      expect(sizeBytes).toBeGreaterThan(1e6);
      for (const hash of sha256) expect(hash).toMatch(/^[\da-f]{64}$/);
    }
  }
  const hashes = publicVoices.flatMap(({ files }) => files.flatMap(({ sha256 }) => sha256));
  expect(new Set(hashes).size).toBe(hashes.length);
});
