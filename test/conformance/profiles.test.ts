import { describe, expect, it } from "vitest";
import type { Profile, Rules } from "../../src/dialect/elevenlabs/compatibility.ts";
import { spelled } from "../support/stream-input.ts";
import { finalFrom, named, useToneServer } from "./bench.ts";
import { cases, hello, openMulti, plainFinalOf, type Place } from "./profile-cases.ts";

describe("a server of the profile kind", () => {
  const bench = useToneServer();
  runCases("kind", { bench, base: "/v1/text-to-speech" });
  runCases("observed", { bench, base: "/compat/observed/v1/text-to-speech" });

  it.for([
    { race: "silent", frames: [plainFinalOf("a")] },
    { race: "lost", frames: [] },
  ])(
    "[108] observed: loses text that close_context follows at once with x_close_race=$race",
    async ({ race, frames }) => {
      const place = { bench, base: "/compat/observed/v1/text-to-speech" };
      const client = await openMulti(place, `x_close_race=${race}`);
      client.send({ text: hello, context_id: "a" }, { context_id: "a", close_context: true });
      await client.settled();
      expect(client.frames).toEqual(frames);
      client.send({ text: hello, context_id: "b" });
      await client.settled();
      bench.clock.advance(2);
      client.send({ context_id: "b", close_context: true });
      await finalFrom(client, "b");
      expect(spelled(client.frames)).toBe(hello);
    },
  );

  it("[108] must lose nothing in the profile kind, whatever x_close_race says", async () => {
    const client = await openMulti({ bench, base: "/v1/text-to-speech" }, "x_close_race=lost");
    client.send({ text: hello, context_id: "a" }, { context_id: "a", close_context: true });
    await finalFrom(client, "a");
    expect(spelled(client.frames)).toBe(hello);
  });
});

describe("a server of the profile observed", () => {
  const bench = useToneServer({ compat: "observed", maxContexts: "9" });
  runCases("kind", { bench, base: "/compat/kind/v1/text-to-speech" }, ["overflow"]);
  runCases("observed", { bench, base: "/v1/text-to-speech" });

  it("[114] must support as many contexts as --max-contexts says, in the profile kind", async () => {
    const place = { bench, base: "/compat/kind/v1/text-to-speech" };
    const client = await openMulti(place);
    const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
    client.send(...ids.map((id) => ({ text: hello, context_id: id })));
    await finalFrom(client, "c9");
    expect(client.frames.map(({ error, contextId }) => error ?? contextId)).toEqual([
      "max_active_conversations",
      "c9",
    ]);
    expect(client.frames[0]?.message).toContain("exceeded (9)");
  });
});

function runCases(profile: Profile, place: Place, except: readonly (keyof Rules)[] = []): void {
  for (const [rule, { [profile]: rows }] of Object.entries(cases)) {
    if (except.includes(rule as keyof Rules)) continue;
    it.for(named("name", rows))("%s", ([, { run }]) => run(place));
  }
}
