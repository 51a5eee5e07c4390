import { describe, expect, it } from "vitest";
import { models } from "../../src/catalogue.ts";
import { allowedFormats, findFormat } from "../../src/dialect/elevenlabs/formats.ts";
import {
  idleSeconds,
  knownParameters,
  socketKinds,
} from "../../src/dialect/elevenlabs/socket-request.ts";
import { models as wavesModelRows, turnsModel } from "../../src/dialect/waves/models.ts";
import {
  knownParameters as knownWavesParameters,
  socketPaths,
} from "../../src/dialect/waves/socket-request.ts";
import { rates, turnsPath } from "../../src/dialect/waves/turns-request.ts";
import { wavesBasePaths } from "../../src/dialect/waves/waves.ts";
import { settingRows } from "../../src/settings.ts";
import { checkUrl } from "../../src/why/check-url.ts";
import { parametersOf } from "../../src/why/url/parameters.ts";
import * as documented from "../../src/why/url/vendor-values.ts";

/** Addresses are checked by tables of what is documented; the dialects must take the same. */
describe("what addresses are checked by is what the dialects take:", () => {
  it("parameters of ElevenLabs", () => {
    for (const kind of socketKinds) {
      expect(new Set(Object.keys(parametersOf[kind]))).toEqual(knownParameters);
    }
  });

  it("parameters of Waves", () => {
    expect(new Set(Object.keys(parametersOf["tts-live"]))).toEqual(knownWavesParameters);
    expect(parametersOf["lightning-v4"]["sample_rate"]?.rule).toEqual({
      kind: "choice",
      values: rates,
    });
  });

  it("limits on silence", () => {
    expect(documented.elevenLabsIdleSeconds).toEqual(idleSeconds);
    expect(documented.wavesIdleSeconds.fallback).toBe(settingRows.wavesIdleSeconds.fallback);
  });

  it("formats", () => {
    const names = allowedFormats("stream").map(({ name }) => name);
    expect(documented.elevenLabsFormats.map(({ name }) => name).toSorted()).toEqual(
      names.toSorted(),
    );
    for (const [former, now] of Object.entries(documented.formerFormats)) {
      expect(findFormat(former, "stream")?.name).toBe(now);
    }
    for (const meant of Object.values(documented.likelyFormats)) expect(names).toContain(meant);
  });

  it("models of ElevenLabs", () => {
    const onSockets = models.filter((model) => model.onSockets).map(({ id }) => id);
    expect(documented.elevenLabsSocketModels.toSorted()).toEqual(onSockets.toSorted());
    for (const { id } of models.filter((model) => !model.onSockets)) {
      expect(documented.elevenLabsOtherModels).toHaveProperty(id);
    }
  });

  it("models of Waves", () => {
    const idsOf = (isRetired: boolean): string[] =>
      wavesModelRows.filter((model) => model.isRetired === isRetired).map(({ id }) => id);
    expect(documented.wavesModels.toSorted()).toEqual(idsOf(false).toSorted());
    expect(documented.retiredWavesModels.toSorted()).toEqual(idsOf(true).toSorted());
    expect(documented.turnsModel).toBe(turnsModel.id);
  });

  it("routes", () => {
    const paths = [
      ...socketKinds.map((kind) => `/v1/text-to-speech/some-voice/${kind}`),
      ...wavesBasePaths.flatMap((base) =>
        [...socketPaths, turnsPath].map(
          (path) => `${base}${path.replace(":model", "lightning-v3.1")}`,
        ),
      ),
    ];
    for (const path of paths) {
      const { route, findings } = checkUrl(`ws://tts.example${path}`);
      expect({ path, route }).toEqual({ path, route: expect.any(String) });
      expect(findings.filter(({ level }) => level === "error")).toEqual([]);
    }
  });
});
