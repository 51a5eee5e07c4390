import { countCharacters } from "../../protocol/records.ts";
import type { WireRequest } from "./messages.ts";

/** What the client calls a request; both are told back with every frame of it. */
export type ClientNames = Pick<WireRequest, "session_id" | "request_id">;

/** Text whose pieces have not all been spoken. */
interface NamedText {
  /** Where it ends in its context's text, without white space, in code points. */
  readonly endsAt: number;
  readonly names: ClientNames;
}

/**
 * The client's names of the pieces of one context's text: those of the message that a piece
 * begins in. A piece is known by its place only, and told of long after its text has come.
 */
export class PieceNames {
  #last: ClientNames;
  #texts: NamedText[] = [];
  #chars = 0;

  constructor({ session_id, request_id }: ClientNames) {
    this.#last = { session_id, request_id };
  }

  /** Those of the piece that is being spoken, or was the last one. */
  get current(): ClientNames {
    return this.#texts[0]?.names ?? this.#last;
  }

  /** More text comes for the context. */
  add(text: string, { session_id, request_id }: ClientNames): void {
    const endsAt = this.#chars + countCharacters(text.trimEnd());
    this.#chars += countCharacters(text);
    if (text.trim() === "") return;
    const before = this.#texts.at(-1);
    const isSame =
      before?.names.session_id === session_id && before?.names.request_id === request_id;
    if (before && isSame) this.#texts.pop();
    this.#texts.push({ endsAt, names: { session_id, request_id } });
  }

  /** The next piece begins there. */
  beginAt(textOffset: number): void {
    this.#last = this.current;
    this.#texts = this.#texts.filter(({ endsAt }) => endsAt > textOffset);
  }
}
