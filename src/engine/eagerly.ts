/**
 * Reads a source from now on, whether or not anybody listens yet, and keeps what it gives for the
 * one who does. A failure is told where it came; nobody who listens is no failure.
 */
export function eagerly<Value extends object>(source: AsyncIterable<Value>): AsyncIterable<Value> {
  const waiting: Value[] = [];
  let end: { readonly failure?: unknown } | undefined;
  let wake = (): void => {};

  const read = async (): Promise<void> => {
    try {
      for await (const value of source) {
        waiting.push(value);
        wake();
      }
      end = {};
    } catch (failure) {
      end = { failure };
    }
    wake();
  };
  void read();

  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const value = waiting.shift();
        if (value !== undefined) {
          yield value;
        } else if (end) {
          if ("failure" in end) throw end.failure;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
