import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ManualClock } from "../../src/clock.ts";
import { fliteVoices } from "../../src/engine/flite/flite.ts";
import { createFolderEngines } from "../../src/engine/folder-engines.ts";
import { upstreamFailureCodes } from "../../src/engine/remote/upstream-failure.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { readVoiceFolders } from "../../src/engine/voice-folders.ts";

const page = await readFile(new URL("../../docs/engines/remote.md", import.meta.url), "utf8");

/** Each `voice.json` of the page, with the folder that it is said to be in. */
const examples = [
  ...page.matchAll(/`data\/voices\/([a-z-]+)\/voice\.json`(?:(?!```).)*```json\n(.*?)```/gs),
].map(([, folder = "", json = ""]) => [folder, json] as const);

it("has examples that are read as they stand", async () => {
  const path = await mkdtemp(join(tmpdir(), "syrinx-examples-"));
  for (const [folder, json] of examples) {
    await mkdir(join(path, folder));
    await writeFile(join(path, folder, "voice.json"), json);
  }
  const found = await readVoiceFolders(path);
  await rm(path, { recursive: true });
  expect(found.faults).toEqual([]);
  const engines = createFolderEngines({
    clock: new ManualClock(),
    env: { OPENAI_API_KEY: "a", ELEVENLABS_API_KEY: "b" },
    engines: [{ ...createToneEngine(), name: "flite", voices: fliteVoices }],
  });
  for (const engine of engines) expect(await engine.refresh?.(found)).toEqual([]);
  const speakers = engines.flatMap(({ voices }) =>
    voices.map(({ slug, engine, sampleRateHz }) => [slug, engine, sampleRateHz]),
  );
  expect(speakers).toEqual([
    ["alloy", "openai", 24_000],
    ["local-kokoro", "openai", 24_000],
    ["sarah", "elevenlabs", 16_000],
    ["careful", "failover", 24_000],
  ]);
  expect(examples).toHaveLength(speakers.length);
});

it("explains every name that a failure may have", () => {
  const explained = [...page.matchAll(/^\| `([a-z_]+)` +\| /gm)].map(([, name]) => name);
  const isFault = (name: string | undefined): boolean => upstreamFailureCodes.includes(name ?? "");
  expect(explained.filter(isFault)).toEqual(upstreamFailureCodes);
});
