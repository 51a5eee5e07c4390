/** Bytes of a turn's sound that are a row of their own. */
export interface SoundPart {
  readonly turnId: string;
  /** From 0 on. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

/** All that was given of a turn's sound. */
export interface FinishedSound {
  /** The last ones; those before were taken already. */
  readonly parts: readonly SoundPart[];
  /** Of all parts. */
  readonly totalBytes: number;
}

interface OpenSound {
  /** Not in parts yet. */
  frames: Uint8Array[];
  waitingBytes: number;
  totalBytes: number;
  takenParts: number;
  isLost: boolean;
}

const maxPartBytes = 256 * 1024;
/** Less is not worth a row while its turn is spoken, unless too much waits. */
const minPartBytes = 64 * 1024;
const maxWaitingBytes = 16 * 1024 * 1024;

/** Joins the frames of turns that are being spoken to parts. */
export class SoundParts {
  /** Whoever's bytes have waited longest comes first. */
  readonly #byTurn = new Map<string, OpenSound>();
  #waitingBytes = 0;

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Copies the bytes. Those of a turn whose sound is lost are not needed any more. */
  add(turnId: string, bytes: Uint8Array): void {
    const sound = this.#open(turnId);
    if (sound.isLost) return;
    sound.frames.push(bytes.slice());
    sound.waitingBytes += bytes.length;
    sound.totalBytes += bytes.length;
    this.#waitingBytes += bytes.length;
  }

  /** The parts that should not wait for the end of their turns. */
  takeDue(): SoundPart[] {
    const parts: SoundPart[] = [];
    for (const [turnId, sound] of this.#byTurn) {
      const isDue = sound.waitingBytes >= minPartBytes || this.#waitingBytes > maxWaitingBytes;
      if (!isDue || sound.waitingBytes === 0) continue;
      parts.push(...this.#take(turnId, sound));
    }
    // Only now: an entry that is set again while the map is gone through would come again.
    for (const { turnId } of parts) this.#moveToEnd(turnId);
    return parts;
  }

  /** The end of a turn. */
  finish(turnId: string): FinishedSound {
    const sound = this.#byTurn.get(turnId);
    if (!sound) return { parts: [], totalBytes: 0 };
    const parts = this.#take(turnId, sound);
    this.#byTurn.delete(turnId);
    return { parts, totalBytes: sound.totalBytes };
  }

  /** Gives up the sound of a turn that goes on. Whether parts of it were taken already. */
  lose(turnId: string): boolean {
    const sound = this.#open(turnId);
    const hadParts = sound.takenParts > 0;
    this.#waitingBytes -= sound.waitingBytes;
    Object.assign(sound, { ...createSound(), isLost: true });
    return hadParts;
  }

  /** Forgets a turn. Whether parts of it were taken already. */
  drop(turnId: string): boolean {
    const hadParts = this.#byTurn.has(turnId) && this.lose(turnId);
    this.#byTurn.delete(turnId);
    return hadParts;
  }

  /** Forgets all turns. Gives those of which parts were taken already. */
  dropAll(): string[] {
    return Array.from(this.#byTurn.keys()).filter((turnId) => this.drop(turnId));
  }

  #open(turnId: string): OpenSound {
    const known = this.#byTurn.get(turnId);
    if (known) return known;
    const sound = createSound();
    this.#byTurn.set(turnId, sound);
    return sound;
  }

  #take(turnId: string, sound: OpenSound): SoundPart[] {
    const joined = Buffer.concat(sound.frames, sound.waitingBytes);
    const parts: SoundPart[] = [];
    for (let at = 0; at < joined.length; at += maxPartBytes) {
      // A copy: what goes to another thread takes all of its memory along.
      const bytes = Uint8Array.from(joined.subarray(at, at + maxPartBytes));
      parts.push({ turnId, part: sound.takenParts, bytes });
      sound.takenParts += 1;
    }
    this.#waitingBytes -= sound.waitingBytes;
    sound.frames = [];
    sound.waitingBytes = 0;
    return parts;
  }

  #moveToEnd(turnId: string): void {
    const sound = this.#byTurn.get(turnId);
    if (!sound) return;
    this.#byTurn.delete(turnId);
    this.#byTurn.set(turnId, sound);
  }
}

function createSound(): OpenSound {
  return { frames: [], waitingBytes: 0, totalBytes: 0, takenParts: 0, isLost: false };
}
