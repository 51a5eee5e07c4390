import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { textFrames } from "../support/raw-frames.ts";
import type { StreamInput } from "../support/stream-input.ts";
import {
  finalFrom,
  framesOf,
  multiPath,
  named,
  profilePaths,
  soundOf,
  useServer,
} from "./bench.ts";

const repetitions = 1000;
const bench = useServer(() => ({ engines: [createToneEngine({ msPerChar: 5 })] }));

interface RawClient {
  readonly client: StreamInput;
  /** What the client's frames are written to. */
  readonly stream: Socket;
}

/** A client whose TCP stream can be written to. */
async function openRaw(path: string): Promise<RawClient> {
  let stream: Socket | undefined;
  const client = await bench.open({
    path,
    query: "output_format=pcm_16000",
    client: {
      createConnection: ((options: { port: number; host: string }) => {
        stream = connect({ port: options.port, host: options.host, noDelay: true });
        return stream;
      }) as typeof connect,
    },
  });
  if (!stream) throw new Error("The client has made no connection");
  return { client, stream };
}

const textOf = (round: number): string => `Number ${round % 10} is here`;

/** What each text sounds like when it has a socket of its own. */
async function speakAlone(): Promise<Map<string, Buffer>> {
  const alone = new Map<string, Buffer>();
  for (let round = 0; round < 10; round += 1) {
    const { audio } = await bench.converse([{ text: textOf(round) }, { text: "" }], {
      query: "output_format=pcm_16000",
    });
    expect(audio.length).toBeGreaterThan(1000);
    alone.set(textOf(round), audio);
  }
  return alone;
}

/** Writes text and close_context with `write`, again and again, and compares what comes. */
async function repeat(
  path: string,
  write: (stream: Socket, bytes: Buffer, round: number) => Promise<void>,
): Promise<void> {
  const alone = await speakAlone();
  const { client, stream } = await openRaw(path);
  const wrong: string[] = [];
  for (let round = 0; round < repetitions; round += 1) {
    const id = `c${round}`;
    const bytes = textFrames(
      { text: textOf(round), context_id: id },
      { context_id: id, close_context: true },
    );
    const final = finalFrom(client, id);
    await write(stream, bytes, round);
    await final;
    const own = framesOf(client.frames.splice(0), id);
    const finals = own.filter(({ isFinal }) => isFinal === true).length;
    const isWhole = alone.get(textOf(round))?.equals(soundOf(own)) === true;
    if (!isWhole || finals !== 1 || own.at(-1)?.isFinal !== true) wrong.push(id);
  }
  expect(wrong).toEqual([]);
  await client.settled();
  expect(client.frames).toEqual([]);
}

const profiles = [
  { profile: "kind", path: multiPath() },
  { profile: "observed", path: multiPath(profilePaths.observed) },
];

/** Whole numbers below `limit` that look random and are the same in every run. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    // The constants of Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.for(named("profile", profiles))("text and close_context at once, %s", ([, { path }]) => {
  it(`[108] must deliver complete audio when they come in one TCP segment, ${repetitions} times`, async () => {
    await repeat(path, async (stream, bytes) => {
      stream.write(bytes);
    });
  });

  it(`[108] must deliver complete audio when they are cut into TCP segments at random places, ${repetitions} times`, async () => {
    const random = createRandom(20_260_101);
    await repeat(path, async (stream, bytes) => {
      const cuts = Array.from({ length: 1 + random(5) }, () => 1 + random(bytes.length - 1));
      const ends = [...new Set(cuts)].toSorted((a, b) => a - b);
      let from = 0;
      for (const end of [...ends, bytes.length]) {
        stream.write(bytes.subarray(from, end));
        from = end;
        await nextTurn();
      }
    });
  });

  it("[108] must deliver complete audio when a hundred contexts come in one TCP segment", async () => {
    const alone = await speakAlone();
    const { client, stream } = await openRaw(path);
    const rounds = Array.from({ length: 100 }, (_, round) => round);
    const finals = rounds.map((round) => finalFrom(client, `c${round}`));
    const messages = rounds.flatMap((round) => [
      { text: textOf(round), context_id: `c${round}` },
      { context_id: `c${round}`, close_context: true },
    ]);
    if (path.includes("observed")) {
      // There, contexts count towards the cap of five until their final frame.
      for (let first = 0; first < rounds.length; first += 5) {
        stream.write(textFrames(...messages.slice(2 * first, 2 * first + 10)));
        await Promise.all(finals.slice(first, first + 5));
      }
    } else {
      stream.write(textFrames(...messages));
    }
    await Promise.all(finals);
    const wrong = rounds.filter(
      (round) =>
        alone.get(textOf(round))?.equals(soundOf(framesOf(client.frames, `c${round}`))) !== true,
    );
    expect(wrong).toEqual([]);
  });
});
