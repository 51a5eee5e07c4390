import type { CharacterTimings } from "../../protocol/alignment.ts";
import type { Voice } from "../../protocol/voice.ts";
import type { Pcm, Synthesizer, Utterance } from "../synthesizer.ts";

/** Speech that was made before is given again, without its engine. */
export interface SpeechCache {
  /** The same synthesizer, that makes nothing twice while there is room. */
  wrap(synthesizer: Synthesizer): Synthesizer;
  /** What it holds, alignments included. */
  readonly sizeBytes: number;
}

interface Entry {
  readonly pieces: readonly Pcm[];
  readonly sizeBytes: number;
}

/** What an entry, a piece and a character take besides samples: no more than about right. */
const entryBytes = 500;
const pieceBytes = 500;
const charBytes = 12;
/** One long text must not drive out everything else. */
const largestShare = 0.25;

/**
 * A cache of whole utterances with their timings. What has not been asked for longest gives way. Who
 * asks for an utterance that is just being made for somebody else does not wait for it, because the
 * other one may be in less of a hurry, or be stopped: it is made twice. An engine that never says
 * the same in the same way is taken at its first word.
 */
export function createSpeechCache(maxBytes: number): SpeechCache {
  const maxEntryBytes = maxBytes * largestShare;
  // A Map keeps the order of insertion: the first one is the one longest not asked for.
  const entries = new Map<string, Entry>();
  const keyOf = createKeys();
  let sizeBytes = 0;

  const drop = (key: string): void => {
    sizeBytes -= entries.get(key)?.sizeBytes ?? 0;
    entries.delete(key);
  };

  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (!entry) return undefined;
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  };

  const keep = (key: string, pieces: readonly Pcm[]): void => {
    const entry = { pieces, sizeBytes: sizeOf(key, pieces) };
    if (entry.sizeBytes > maxEntryBytes) return;
    drop(key);
    entries.set(key, entry);
    sizeBytes += entry.sizeBytes;
    for (const oldest of entries.keys()) {
      if (sizeBytes <= maxBytes) return;
      drop(oldest);
    }
  };

  async function* keeping(key: string, speech: AsyncIterable<Pcm>): AsyncGenerator<Pcm> {
    const pieces: Pcm[] = [];
    let heldBytes = 0;
    for await (const pcm of speech) {
      heldBytes += pcm.isStandIn ? Number.POSITIVE_INFINITY : pcm.samples.byteLength;
      // The receiver may hand its samples on for good.
      if (heldBytes <= maxEntryBytes) pieces.push(copyOf(pcm));
      yield pcm;
    }
    if (heldBytes <= maxEntryBytes) keep(key, pieces);
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    wrap: (synthesizer) => ({
      synthesize(utterance, signal) {
        if (utterance.isPrivate) return synthesizer.synthesize(utterance, signal);
        const key = keyOf(utterance);
        const entry = find(key);
        utterance.observer?.lookedUp(entry !== undefined);
        return entry
          ? again(entry, signal)
          : keeping(key, synthesizer.synthesize(utterance, signal));
      },
    }),
  };
}

async function* again({ pieces }: Entry, signal: AbortSignal): AsyncGenerator<Pcm> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    yield { ...copyOf(piece), isRepeat: true };
  }
  // A listener that is gone is to be told so, however quickly all was given.
  signal.throwIfAborted();
}

/** Without what it took to make it. */
const copyOf = ({ samples, alignment }: Pcm): Pcm => ({ samples: samples.slice(), alignment });

/** Names an utterance by all that changes how it sounds. */
function createKeys(): (utterance: Utterance) => string {
  // After a refresh a voice of the same id may be another one: it is then another object.
  const numbers = new WeakMap<Voice, number>();
  let latest = 0;
  return ({ voice, settings, text, markup, normalization, pronunciations = [] }) => {
    let number = numbers.get(voice);
    if (number === undefined) numbers.set(voice, (number = latest += 1));
    const heeded = voice.heeds.map((name) => settings[name]);
    const reading = [markup, normalization ?? "auto", pronunciations];
    return JSON.stringify([number, settings.speed, heeded, reading, text]);
  };
}

function sizeOf(key: string, pieces: readonly Pcm[]): number {
  const timingsOf = ({ chars }: CharacterTimings): number => chars.length * charBytes;
  return pieces.reduce(
    (sum, { samples, alignment: { original, normalized } }) =>
      sum + pieceBytes + samples.byteLength + timingsOf(original) + timingsOf(normalized),
    entryBytes + 2 * key.length,
  );
}
