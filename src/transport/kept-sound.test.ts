import { expect, it } from "vitest";
import type { RecoderSource } from "../audio/stream-encoder.ts";
import type { AudioFormat } from "../protocol/audio-format.ts";
import { soundOf } from "./kept-sound.ts";

const ulaw: AudioFormat = { encoding: "ulaw", container: "raw", sampleRateHz: 8000 };
const mp3: AudioFormat = {
  encoding: "mp3",
  container: "raw",
  sampleRateHz: 44_100,
  bitrateBps: 128_000,
};

/** Recoders that give back what they are given, and remember it. */
function createRecoders() {
  const asked: number[] = [];
  const counts = { open: 0 };
  const recoders: RecoderSource = {
    openRecoder() {
      counts.open += 1;
      return {
        recode(bytes) {
          asked.push(bytes.length);
          return Promise.resolve(bytes);
        },
        finish: () => Promise.resolve(Uint8Array.of(255)),
        close() {
          counts.open -= 1;
        },
      };
    },
  };
  return { asked, counts, recoders };
}

/** Parts of a sound, of which it is known how many were read. */
function createSound(parts: number, partBytes: number) {
  const state = { read: 0 };
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let part = 0; part < parts; part += 1) {
      state.read += 1;
      yield new Uint8Array(partBytes).fill(part);
    }
  }
  return { state, read };
}

it("is read no faster than it is taken", async () => {
  for (const format of [ulaw, mp3]) {
    const { state, read } = createSound(50, 100);
    const sound = soundOf({ kept: ulaw, format, read }, createRecoders().recoders);
    await sound.next();
    await sound.next();
    expect(state.read).toBeLessThanOrEqual(3);
    await sound.return(undefined);
    expect(state.read).toBeLessThanOrEqual(3);
  }
});

it("is given to a thread second by second", async () => {
  const { asked, recoders } = createRecoders();
  const { read } = createSound(2, 20_000);
  for await (const _ of soundOf({ kept: ulaw, format: mp3, read }, recoders));
  expect(asked).toEqual([8000, 8000, 4000, 8000, 8000, 4000]);
});

it("has the rest of its recoder at its end", async () => {
  const { counts, recoders } = createRecoders();
  const pieces: number[] = [];
  const { read } = createSound(1, 3);
  for await (const piece of soundOf({ kept: ulaw, format: mp3, read }, recoders)) {
    pieces.push(...piece);
  }
  expect(pieces).toEqual([0, 0, 0, 255]);
  expect(counts.open).toBe(0);
});

it("lets go of its recoder when nobody listens any more, or when it cannot be read", async () => {
  const { counts, recoders } = createRecoders();
  const left = soundOf({ kept: ulaw, format: mp3, read: createSound(9, 9).read }, recoders);
  await left.next();
  expect(counts.open).toBe(1);
  await left.return(undefined);
  expect(counts.open).toBe(0);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new Error("the disk is gone");
  }
  const lost = soundOf({ kept: ulaw, format: mp3, read: broken }, recoders);
  await lost.next();
  await expect(lost.next()).rejects.toThrow("the disk is gone");
  expect(counts.open).toBe(0);
});
