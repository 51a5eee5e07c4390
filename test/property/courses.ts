import fc from "fast-check";

interface Members {
  readonly text?: string | undefined;
  readonly flush?: true | undefined;
  readonly try_trigger_generation?: true | undefined;
  readonly close_context?: true | undefined;
}

/** What a client does on a `multi-stream-input` socket, and what happens around it. */
export type Step =
  | {
      readonly does: "say";
      readonly name: string | null;
      /** Of the message, besides the name. */
      readonly members: Members;
    }
  | {
      readonly does: "cancel";
      readonly name: string | null;
      readonly keep: boolean;
      readonly playedMs?: number;
    }
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "listen"; readonly frames: number }
  | { readonly does: "hold" | "release" };

export interface Course {
  readonly query: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** Whether the client closes the socket or falls silent. */
  readonly closesSocket: boolean;
}

const prose =
  "Mr. Fogg had a small, quick clock; it told the hour, the minute, and the day. He looked at it " +
  "twice each morning: once at eight, once at half past eleven! Did he ever look a third time? " +
  "Nobody knew. 3.14 and 42 were numbers he liked, and so he walked on, step by step, to the club. ";

/** A piece of some text, cut anywhere. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("Hel", "lo ", "world. ", " ", " then", ", and", "\n") },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat({ max: prose.length - 1 }), fc.integer({ min: 1, max: 150 }))
      .map(([start, length]) => prose.slice(start, start + length)),
  },
);

const names = ["a", "b", "c", "d", null] as const;
const name = fc.constantFrom(...names);
const isSet = (freq: number): fc.Arbitrary<true | undefined> =>
  fc.option(fc.constant<true>(true), { freq, nil: undefined });

const speaking = fc
  .record({
    text: piece,
    flush: isSet(3),
    try_trigger_generation: isSet(5),
    close_context: isSet(6),
  })
  .chain((members) => name.map((name) => say(name, members)));

const ordering = fc
  .tuple(name, fc.constantFrom("flush", "empty flush", "close", "keep-alive", "flush and close"))
  .map(([name, order]): Step => {
    const isEmpty = order === "keep-alive" || order === "empty flush";
    return say(name, {
      text: isEmpty ? "" : undefined,
      flush: order.includes("flush") || undefined,
      close_context: order.includes("close") || undefined,
    });
  });

/** Absent members are left out of the message. */
function say(name: string | null, members: Members): Step {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return { does: "say", name, members: Object.fromEntries(present) };
}

const cancelling = fc
  .record({ name, keep: fc.boolean(), playedMs: fc.option(fc.nat({ max: 400 })) })
  .map(
    ({ playedMs, ...cancel }): Step => ({
      does: "cancel",
      ...cancel,
      ...(playedMs !== null && { playedMs }),
    }),
  );

const waiting = fc
  .oneof(
    fc.constantFrom(0, 1, 149, 150, 1000, 4000, 15_999, 16_000, 19_999, 20_000, 25_000),
    fc.integer({ min: 0, max: 9000 }),
  )
  .map((ms): Step => ({ does: "wait", ms }));

const listening = fc
  .constantFrom(0, 1, 2, 5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
  .map((frames): Step => ({ does: "listen", frames }));

const engine = fc.constantFrom("hold", "release").map((does): Step => ({ does }));

const step = fc.oneof(
  { weight: 12, arbitrary: speaking },
  { weight: 8, arbitrary: ordering },
  { weight: 2, arbitrary: cancelling },
  { weight: 5, arbitrary: waiting },
  { weight: 4, arbitrary: listening },
  { weight: 3, arbitrary: engine },
);

const query = fc.record(
  {
    auto_mode: fc.constant("true"),
    sync_alignment: fc.constant("true"),
  },
  { requiredKeys: [] },
);

/** Courses of up to five names; `more` goes into the query of every one. */
export const courses = (more: Readonly<Record<string, string>> = {}): fc.Arbitrary<Course> =>
  fc.record({
    query: query.map((own) => ({ ...own, ...more })),
    steps: fc.array(step, { minLength: 5, maxLength: 40 }),
    closesSocket: fc.boolean(),
  });
