import { describe, expect, it } from "vitest";
import { ManualClock } from "../../clock.ts";
import { voiceFolder, upstream } from "../../../test/support/voice-folder.ts";
import { hear } from "../../../test/support/speech.ts";
import { createFolderEngines } from "../folder-engines.ts";
import { type Engine, inPieces } from "../synthesizer.ts";
import { createToneEngine } from "../tone.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { VoiceFault } from "../../protocol/engines.ts";
import type { VoiceManifest } from "../voice-folders.ts";

const clock = new ManualClock();

/** A tone engine under another name, with voices that differ. */
function named(name: string, more: Partial<Voice>, synthesize?: Engine["synthesize"]): Engine {
  const tone = createToneEngine();
  const voices = tone.voices.map((voice) => ({
    ...voice,
    id: `${name}0000000000000000`,
    slug: name,
    engine: name,
    ...more,
  }));
  return { ...tone, name, voices, ...(synthesize && { synthesize }) };
}

const failing: Engine["synthesize"] = () =>
  inPieces(Promise.reject(new SpeechError("engine_failed")));

async function read(
  manifest: VoiceManifest,
  engines: readonly Engine[] = [createToneEngine()],
): Promise<{ engine: Engine; faults: readonly VoiceFault[] }> {
  const all = createFolderEngines({ clock, env: {}, engines });
  const faults: VoiceFault[] = [];
  const found = { folders: [voiceFolder("both", manifest)], faults: [] };
  for (const each of all) faults.push(...((await each.refresh?.(found)) ?? []));
  const engine = all.at(-1);
  if (!engine) throw new Error("there is none");
  return { engine, faults };
}

describe("a voice with several engines", () => {
  it("is what its voice.json says, and else like its first", async () => {
    const first = named("first", { sampleRateHz: 22_050, language: "fr-FR", sex: "female" });
    const { engine } = await read(
      { name: "Both", engines: [{ voice: "first" }, { voice: "tone" }] },
      [first, createToneEngine()],
    );
    expect(engine.voices).toMatchObject([
      {
        slug: "both",
        name: "Both",
        engine: "failover",
        language: "fr-FR",
        sex: "female",
        sampleRateHz: 22_050,
        timings: "exact",
      },
    ]);
  });

  it("promises what all of its engines can do", async () => {
    const one = named("one", { heeds: ["stability", "style"] });
    const two = named("two", { heeds: ["style"], timings: "estimated" });
    const { engine } = await read({ engines: [{ voice: "one" }, { voice: "two" }] }, [one, two]);
    expect(engine.voices).toMatchObject([{ heeds: ["style"], timings: "estimated" }]);
  });

  it("may be another name for one that is there", async () => {
    const { engine, faults } = await read({ engines: [{ voice: "tone" }] });
    expect(faults).toEqual([]);
    expect((await hear(engine, "Hello there.")).text).toBe("Hello there. ");
  });

  it.each<[string, VoiceManifest["engines"], string]>([
    ["a voice that is not there", [{ voice: "tone" }, { voice: "nobody" }], "nobody"],
    ["itself", [{ voice: "tone" }, { voice: "both" }], "both"],
    [
      "a key that is not set",
      [{ voice: "tone" }, upstream("openai", "http://h", { key_env: "NONE" })],
      "NONE",
    ],
    [
      "a rate that has no format",
      [{ voice: "tone" }, upstream("elevenlabs", "http://h", { sample_rate: 12_345 })],
      "sample_rate",
    ],
    [
      "an address of another protocol",
      [{ voice: "tone" }, upstream("openai", "ws://h")],
      "not reached",
    ],
    [
      "credentials in an address",
      [{ voice: "tone" }, upstream("openai", "http://user:pass@h")],
      "key_env",
    ],
  ])("that names %s is a fault", async (_, engines, words) => {
    const { engine, faults } = await read({ engines });
    expect(engine.voices).toEqual([]);
    expect(faults).toEqual([{ name: "both", reason: expect.stringContaining(words) as string }]);
    expect(faults[0]?.reason).not.toContain("pass");
  });

  it("fails when all of them fail, and at once when all are left alone", async () => {
    const broken = named("broken", {}, failing);
    const worse = named("worse", {}, failing);
    const { engine } = await read({ engines: [{ voice: "broken" }, { voice: "worse" }] }, [
      broken,
      worse,
    ]);
    for (let count = 0; count < 4; count += 1) {
      expect((await hear(engine, "Hello.")).failure).toMatchObject({
        problem: { code: "engine_failed" },
      });
    }
    expect(engine.upstreams).toMatchObject([
      { name: "broken", state: "down", failures: 3 },
      { name: "worse", state: "down", failures: 3 },
    ]);
  });

  it("does not go on when the server goes", async () => {
    const going = named("going", {}, () =>
      inPieces(Promise.reject(new SpeechError("shutting_down"))),
    );
    const { engine } = await read({ engines: [{ voice: "going" }, { voice: "tone" }] }, [
      going,
      createToneEngine(),
    ]);
    expect((await hear(engine, "Hello.")).failure).toMatchObject({
      problem: { code: "shutting_down" },
    });
  });

  it("whose utterance was aborted leaves its engines in good standing", async () => {
    const { engine } = await read({ engines: [{ voice: "tone" }, { voice: "tone" }] });
    const reason = new Error("enough");
    for (let count = 0; count < 5; count += 1) {
      const owner = new AbortController();
      const heard = hear(engine, "Hello there.", {}, owner.signal);
      owner.abort(reason);
      expect((await heard).failure).toBe(reason);
    }
    expect(engine.upstreams).toMatchObject([{ name: "tone", state: "up", failures: 0 }]);
  });
});
