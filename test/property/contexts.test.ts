import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { createSocketCodec } from "../../src/dialect/elevenlabs/socket-codec.ts";
import { MultiStreamReader } from "../../src/dialect/elevenlabs/multi-stream-input.ts";
import type { Event } from "../../src/protocol/speech.ts";
import { openSession, settle, singleContextRules } from "../support/session.ts";

const numRuns = 300 * Math.max(1, Number(process.env["PROPERTY_RUNS"] ?? 1));
const engine = createToneEngine({ msPerChar: 1, sampleRateHz: 8000 });

/** One message of a client, and whether the world goes on before the next one. */
interface Step {
  readonly id: string;
  readonly text: string | undefined;
  readonly flush: boolean;
  readonly close: boolean;
  readonly settles: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  text: fc.constantFrom(
    undefined,
    "",
    " ",
    "Hello ",
    "there. ",
    "Nobody waved, for all had slept. ",
  ),
  flush: fc.boolean(),
  close: fc.constantFrom(true, false, false),
  settles: fc.constantFrom(true, false, false),
});

/** What each turn of each context has to say, in order; kept by the rules of the protocol. */
function expectedTurns(steps: readonly Step[]): Map<string, string[]> {
  const turns = new Map<string, string[]>();
  const open = new Map<string, string>();
  const end = (id: string): void => {
    const text = open.get(id);
    if (text !== undefined) turns.set(id, [...(turns.get(id) ?? []), text.trim()]);
    open.delete(id);
  };
  for (const { id, text, close } of steps) {
    if (text) open.set(id, (open.get(id) ?? "") + text);
    if (close) end(id);
  }
  for (const id of open.keys()) end(id);
  return turns;
}

/** The same as it was told; throws when anything follows a context's last final event. */
function toldTurns(events: readonly Event[]): Map<string, string[]> {
  const turns = new Map<string, string[]>();
  const open = new Map<string, string>();
  for (const event of events) {
    if (event.type === "audio") {
      const text = event.alignment?.original.chars.join("") ?? "";
      open.set(event.context, (open.get(event.context) ?? "") + text);
    } else if (event.type === "final") {
      const text = (open.get(event.context) ?? "").trim();
      turns.set(event.context, [...(turns.get(event.context) ?? []), text]);
      open.delete(event.context);
    } else if (event.type !== "close") {
      throw new Error(`nothing else may be told: ${event.type}`);
    }
  }
  expect([...open.keys()]).toEqual([]);
  return turns;
}

const sorted = (turns: Map<string, string[]>): (readonly [string, string])[] =>
  [...turns]
    .map(([id, texts]) => [id, texts.join("|")] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));

describe("any messages of several contexts", () => {
  it.each(["schedule", "message"] as const)(
    "give each turn all of its text and one final event: %s",
    async (dispatch) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const rules = { ...singleContextRules, failure: "context", expiry: "context" } as const;
          const { session, events, ended } = openSession(engine, { rules, dispatch });
          const reader = new MultiStreamReader({
            emptyMessageOpens: false,
            closeSocket: "grace",
            closeGraceMs: 1500,
            discardsOnClose: false,
          });
          const codec = createSocketCodec(reader, {
            timeBase: "chunk",
            namesContexts: true,
            duplicateSpellings: true,
            errorsNameContext: true,
            extension: undefined,
          });
          for (const { id, text, flush, close, settles } of steps) {
            const message = { text, context_id: id, flush, close_context: close };
            await session.accept(codec.decode(JSON.stringify(message)));
            if (settles) await settle();
          }
          await session.accept(codec.decode('{"close_socket":true}'));
          await ended;
          expect(events.at(-1)).toEqual({ type: "close", problem: undefined });
          expect(sorted(toldTurns(events))).toEqual(sorted(expectedTurns(steps)));
        }),
        { numRuns },
      );
    },
  );
});
