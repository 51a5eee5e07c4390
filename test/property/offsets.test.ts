import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { type Command, defaultContext as context, type Event } from "../../src/protocol/speech.ts";
import { openSession, settle } from "../support/session.ts";

const numRuns = 300 * Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const engine = createToneEngine({ msPerChar: 1, sampleRateHz: 8000 });

const piece = fc.constantFrom(
  ...[
    "a",
    "Hello",
    " there",
    ". ",
    ", ",
    " ",
    "  ",
    "\n",
    "\u2003",
    "😀",
    "e\u0301",
    "42",
    "?!",
    "“",
  ],
  ...[
    "And so on, and so on. ",
    "This sentence is long enough for a schedule of fifty characters. ",
  ],
);

/** A text in messages, with flushes here and there. */
const messages = fc.array(
  fc.record({
    text: fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
    flush: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

interface Told {
  readonly source: readonly string[];
  readonly events: readonly Event[];
}

/** Speaks the messages and gives everything that was told of it. */
async function speak(
  said: readonly { readonly text: string; readonly flush: boolean }[],
  dispatch: "schedule" | "message",
): Promise<Told> {
  const details = { segments: true, boundaries: ["word", "sentence"] as const };
  const { session, events, ended } = openSession(engine, {
    details,
    dispatch,
    scheduleChars: [50],
  });
  const commands = said.flatMap(({ text, flush }): Command[] => [
    ...(text === "" ? [] : [{ type: "text", context, text } as const]),
    ...(flush ? [{ type: "flush", context, minChars: 0 } as const] : []),
  ]);
  for (const command of commands) {
    await session.accept([command]);
    if (command.type === "flush") await settle();
  }
  await session.accept([{ type: "close", context }, { type: "end" }]);
  await ended;
  return { source: Array.from(said.map(({ text }) => text).join("")), events };
}

const isBlank = (chars: readonly string[]): boolean => chars.join("").trim() === "";

/** Where each span is; all of the source that is no white space has to be in one, in order. */
function expectTiled(
  source: readonly string[],
  spans: readonly (readonly [number, number])[],
): void {
  let from = 0;
  for (const [offset, length] of spans) {
    expect(offset).toBeGreaterThanOrEqual(from);
    expect(isBlank(source.slice(from, offset))).toBe(true);
    from = offset + length;
  }
  expect(isBlank(source.slice(from))).toBe(true);
}

describe("offsets into the text as it was sent", () => {
  it.each(["schedule", "message"] as const)(
    "hold for any messages and flushes: %s",
    async (dispatch) => {
      await fc.assert(
        fc.asyncProperty(messages, async (said) => {
          const { source, events } = await speak(said, dispatch);
          const segments = events.filter((event) => event.type === "segment_begun");
          for (const { text, textOffset } of segments) {
            const length = Array.from(text).length;
            expect(source.slice(textOffset, textOffset + length).join("")).toBe(text);
          }
          expectTiled(
            source,
            segments.map(({ text, textOffset }) => [textOffset, Array.from(text).length]),
          );
          for (const kind of ["word", "sentence"] as const) {
            const boundaries = events.filter(
              (event) => event.type === "boundary" && event.kind === kind,
            );
            expectTiled(
              source,
              boundaries.map((event) =>
                event.type === "boundary" ? [event.textOffset, event.textLength] : [0, 0],
              ),
            );
          }
          for (const event of events) {
            if (event.type !== "boundary" || event.kind !== "word") continue;
            const word = source.slice(event.textOffset, event.textOffset + event.textLength);
            expect(word.join("")).toMatch(/^\S+$/u);
          }
        }),
        { numRuns },
      );
    },
  );
});
