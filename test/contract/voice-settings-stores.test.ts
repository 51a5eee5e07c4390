import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { openDatabase } from "../../src/store/database.ts";
import { DamagedRowError } from "../../src/store/stored-json.ts";
import { SqlVoiceSettings } from "../../src/store/voice-settings.ts";
import { databaseRows, type OpenedDatabase } from "../support/databases.ts";

const settings = {
  speed: 1.25,
  stability: 0.1,
  similarityBoost: 0.2,
  style: 0.3,
  useSpeakerBoost: false,
};

for (const row of databaseRows) {
  describe.skipIf(row.skip)(`the voice settings store: ${row.name}`, () => {
    let opened: OpenedDatabase;
    let store: SqlVoiceSettings;
    beforeEach(async () => {
      opened = await row.open();
      store = new SqlVoiceSettings(opened.database);
    });
    afterEach(() => opened.close());

    it("keeps the last settings of each voice, every member of them", async () => {
      await store.save("voice-a", neutralSettings);
      await store.save("voice-a", settings);
      await store.save("voice-b", neutralSettings);
      expect(await store.find("voice-a")).toEqual(settings);
      expect(await store.find("voice-b")).toEqual(neutralSettings);
      expect(await store.find("constructor")).toBeUndefined();
    });

    it("keeps one of what several write at once", async () => {
      const speeds = Array.from({ length: 20 }, (_, index) => 1 + index / 100);
      await Promise.all(
        speeds.map((speed) => store.save("voice-a", { ...neutralSettings, speed })),
      );
      expect(speeds).toContain((await store.find("voice-a"))?.speed);
    });

    it("asks once for all who ask in one go, and again for who asks after something was saved", async () => {
      await store.find("voice-a");
      const asked = vi.spyOn(opened.database.query, "executeQuery");
      const all = await Promise.all(Array.from({ length: 20 }, () => store.find("voice-a")));
      expect(all).toEqual(all.map(() => undefined));
      expect(asked).toHaveBeenCalledTimes(1);
      const begun = store.find("voice-a");
      await store.save("voice-a", settings);
      expect(await store.find("voice-a")).toEqual(settings);
      await begun;
    });

    it.each(["", "[]", "null", "{}", `{"speed":"1"}`])(
      "says that it is damaged: %j",
      async (json) => {
        const damaged = { voice_id: "voice-a", settings: json };
        await opened.database.query.insertInto("voice_settings").values(damaged).execute();
        await expect(store.find("voice-a")).rejects.toThrow(DamagedRowError);
      },
    );

    it("tells nobody who asks for another voice of a damaged row", async () => {
      await store.save("voice-b", settings);
      const damaged = { voice_id: "voice-a", settings: "{}" };
      await opened.database.query.insertInto("voice_settings").values(damaged).execute();
      expect(await store.find("voice-b")).toEqual(settings);
      expect(await store.find("voice-c")).toBeUndefined();
      await expect(store.find("voice-a")).rejects.toThrow(DamagedRowError);
      await store.save("voice-a", settings);
      expect(await store.find("voice-a")).toEqual(settings);
    });

    it.skipIf(row.kind === "memory")("is there when the database is opened again", async () => {
      await store.save("voice-a", settings);
      const database = await openDatabase(opened.place);
      expect(await new SqlVoiceSettings(database).find("voice-a")).toEqual(settings);
      await database.close();
    });
  });
}
