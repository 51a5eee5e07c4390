/** Pieces on their way from whoever makes them to the one who reads them, in order. */
export class PieceStream<Piece> implements AsyncIterable<Piece> {
  readonly #waiting: Piece[] = [];
  #end: "open" | "ended" | { readonly reason: unknown } = "open";
  #wake: () => void = () => {};

  push(piece: Piece): void {
    if (this.#end !== "open") return;
    this.#waiting.push(piece);
    this.#wake();
  }

  end(): void {
    this.#settle("ended");
  }

  /** The reader gets what is there, and then the reason. */
  fail(reason: unknown): void {
    this.#settle({ reason });
  }

  /** The reader gets the reason and nothing else. */
  abort(reason: unknown): void {
    this.#waiting.length = 0;
    this.#settle({ reason });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece, void, undefined> {
    for (;;) {
      const piece = this.#waiting.shift();
      if (piece !== undefined) yield piece;
      else if (this.#end === "ended") return;
      else if (this.#end !== "open") throw this.#end.reason;
      else await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #settle(end: "ended" | { readonly reason: unknown }): void {
    if (this.#end !== "open") return;
    this.#end = end;
    this.#wake();
  }
}
