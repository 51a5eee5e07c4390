import { describe, expect, it } from "vitest";
import type { VoiceSettingsStore } from "../../src/protocol/stores.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { MemoryVoiceSettings } from "../../src/store/voice-settings.ts";
import { acrossLine } from "../support/line.ts";

const rows: readonly (readonly [name: string, create: () => Promise<VoiceSettingsStore>])[] = [
  ["memory", () => Promise.resolve(new MemoryVoiceSettings())],
  ["memory of another process", () => Promise.resolve(acrossLine(new MemoryVoiceSettings()))],
];

describe.each(rows)("the voice settings store: %s", (_name, create) => {
  it("keeps the last settings of each voice, every member of them", async () => {
    const store = await create();
    const settings = {
      speed: 1.25,
      stability: 0.1,
      similarityBoost: 0.2,
      style: 0.3,
      useSpeakerBoost: false,
    };
    await store.save("voice-a", neutralSettings);
    await store.save("voice-a", settings);
    await store.save("voice-b", neutralSettings);
    expect(await store.find("voice-a")).toEqual(settings);
    expect(await store.find("voice-b")).toEqual(neutralSettings);
    expect(await store.find("constructor")).toBeUndefined();
  });
});
