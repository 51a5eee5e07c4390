import type { AudioEvent, ContextId } from "../protocol/speech.ts";
import type { HistoryStore } from "../protocol/stores.ts";

/** What was kept of the sound of a turn that has ended. */
export interface LoggedTurn {
  /** Names it in the history. */
  readonly id: string;
  /** Whether all of its sound is kept, or nothing of it. */
  readonly hasSound: boolean;
}

export interface TurnLogOptions {
  readonly history: Pick<HistoryStore, "addAudio" | "dropAudio">;
  /** Names a turn whose first audio is there. */
  readonly createId: () => string;
  /** Of the sound of one turn: of one that has more, none is kept. */
  readonly maxSoundBytes?: number;
}

interface OpenTurn {
  readonly id: string;
  sizeBytes: number;
}

/** Four hours of MP3 at 128 kbit/s. */
const defaultMaxSoundBytes = 256 * 1024 * 1024;

/**
 * Keeps the sound of one connection's turns while it is sent, just as it is sent. Each turn has to
 * be ended; the sound of those that are not is forgotten with `close`.
 */
export class TurnLog {
  readonly #history: TurnLogOptions["history"];
  readonly #createId: () => string;
  readonly #maxSoundBytes: number;
  readonly #open = new Map<ContextId, OpenTurn>();

  constructor({ history, createId, maxSoundBytes = defaultMaxSoundBytes }: TurnLogOptions) {
    this.#history = history;
    this.#createId = createId;
    this.#maxSoundBytes = maxSoundBytes;
  }

  /** Keeps audio that is sent. A context's first one begins its turn. */
  add({ context, bytes }: Pick<AudioEvent, "context" | "bytes">): void {
    const turn = this.#open.get(context) ?? this.#begin(context);
    const hadSound = this.#hasSound(turn);
    turn.sizeBytes += bytes.length;
    if (this.#hasSound(turn)) this.#history.addAudio(turn.id, bytes);
    else if (hadSound) this.#history.dropAudio(turn.id);
  }

  /** Ends the turn of a context, which is recorded now; undefined if no audio of it was sent. */
  end(context: ContextId): LoggedTurn | undefined {
    const turn = this.#open.get(context);
    if (!turn) return undefined;
    this.#open.delete(context);
    return { id: turn.id, hasSound: this.#hasSound(turn) };
  }

  /** Forgets the turns that have not ended: they are not recorded. */
  close(): void {
    for (const turn of this.#open.values()) {
      if (this.#hasSound(turn)) this.#history.dropAudio(turn.id);
    }
    this.#open.clear();
  }

  #begin(context: ContextId): OpenTurn {
    const turn = { id: this.#createId(), sizeBytes: 0 };
    this.#open.set(context, turn);
    return turn;
  }

  #hasSound({ sizeBytes }: OpenTurn): boolean {
    return sizeBytes <= this.#maxSoundBytes;
  }
}
