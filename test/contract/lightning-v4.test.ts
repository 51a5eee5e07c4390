import { describe, expect, it } from "vitest";
import { prose, toneBytes, useToneServer } from "../conformance/bench.ts";
import { Refused, type StreamInput } from "../support/stream-input.ts";

const path = "/waves/v1/lightning-v4/live";
const at16 = "voice_id=tone&sample_rate=16000&output_format=pcm";
const hello = "Hello there. ";
const again = "And here again. ";

const bench = useToneServer();
const { clock, tone } = bench;

const speak = (turn_id: string, text: string): object => ({ event: "speak", turn_id, text });

interface TurnEvent {
  readonly event: string;
  readonly [member: string]: unknown;
}

const eventsOf = ({ frames }: StreamInput): readonly TurnEvent[] =>
  frames as unknown as readonly TurnEvent[];

/** Opens a socket and hears that it may speak. */
async function open(query: string = at16): Promise<StreamInput> {
  const client = await bench.open({ path, query });
  await client.frame(() => client.frames.length === 2);
  return client;
}

/** Resolves with the first event of that name. */
async function told(client: StreamInput, event: string): Promise<TurnEvent> {
  return (await client.frame(
    (frame) => (frame as unknown as TurnEvent).event === event,
  )) as unknown as TurnEvent;
}

describe("Lightning v4", () => {
  it("tells its session, then its rate, before the client says anything", async () => {
    const client = await open("voice_id=tone");
    expect(eventsOf(client)).toEqual([
      { event: "ready", session_id: expect.stringMatching(/^ws_[0-9a-f]{32}$/) },
      { event: "ready", sample_rate: 48_000 },
    ]);
  });

  it.each([8000, 16_000, 24_000, 44_100, 48_000])("speaks a turn at %i Hz", async (rateHz) => {
    const client = await open(`voice_id=tone&sample_rate=${rateHz}&language=en`);
    client.send(speak("a", hello));
    const end = await told(client, "turn_end");
    expect(eventsOf(client).slice(2)).toEqual([
      { event: "turn_start", turn_id: "a" },
      { event: "turn_end", turn_id: "a", chunks: client.binary.length },
    ]);
    expect(end["chunks"]).toBeGreaterThan(0);
    const samples = Buffer.concat(client.binary).length / 2;
    const expected = ((toneBytes(hello) / 2) * rateHz) / 16_000;
    expect(Math.abs(samples - expected)).toBeLessThanOrEqual(1);
  });

  it("speaks as fast as the URL says", async () => {
    const client = await open(`${at16}&speed=2`);
    client.send(speak("a", hello));
    await told(client, "turn_end");
    expect(Buffer.concat(client.binary)).toHaveLength(toneBytes(hello, 2));
  });

  it("speaks turns one after another, also one of nothing", async () => {
    const client = await open();
    client.send(speak("a", hello), speak("b", " "), speak("c", again));
    await client.frame(() => eventsOf(client).filter(isEnd).length === 3);
    const course = eventsOf(client).slice(2);
    expect(course.map(({ event, turn_id }) => `${event} ${String(turn_id)}`)).toEqual(
      ["a", "b", "c"].flatMap((turn) => [`turn_start ${turn}`, `turn_end ${turn}`]),
    );
    expect(Buffer.concat(client.binary)).toHaveLength(toneBytes(hello) + toneBytes(again));
  });

  it("is interrupted at once, and speaks the next turn", async () => {
    const client = await open();
    tone.hold();
    client.send(speak("a", prose(240)));
    await client.settled();
    client.send({ event: "interrupt" });
    expect(await told(client, "interrupted")).toEqual({
      event: "interrupted",
      turn_id: "a",
      chunks: 0,
    });
    tone.release();
    client.send(speak("b", hello));
    expect(await told(client, "turn_end")).toMatchObject({ turn_id: "b" });
    expect(Buffer.concat(client.binary)).toHaveLength(toneBytes(hello));
  });

  it("finishes what it speaks and closes after end", async () => {
    const client = await open();
    client.send(speak("a", hello), { event: "end" });
    expect((await client.closed).code).toBe(1000);
    expect(eventsOf(client).at(-1)).toMatchObject({ event: "turn_end", turn_id: "a" });
    expect(Buffer.concat(client.binary)).toHaveLength(toneBytes(hello));
  });

  it.each(["{", "[1]", '{"event":"sing"}', '{"event":"speak"}', '{"text":"a"}'])(
    "answers %s with bad_frame, and goes on",
    async (message) => {
      const client = await open();
      client.send(message);
      expect(await told(client, "error")).toMatchObject({ event: "error", code: "bad_frame" });
      client.send({ event: "user_audio", text: "Hm.", audio: "" }, speak("a", hello));
      await told(client, "turn_end");
      expect(
        eventsOf(client)
          .slice(3)
          .map(({ event }) => event),
      ).toEqual(["turn_start", "turn_end"]);
    },
  );

  it("names the turn that failed, does not end it, and goes on", async () => {
    const client = await open();
    tone.failWith(new Error("The tone has gone flat"), "Hello");
    client.send(speak("a", hello), speak("b", again));
    await told(client, "turn_end");
    expect(eventsOf(client).slice(2)).toMatchObject([
      { event: "error", code: "synthesis_failed", turn_id: "a" },
      { event: "turn_start", turn_id: "b" },
      { event: "turn_end", turn_id: "b" },
    ]);
  });

  it("ends by silence with an error and 1000", async () => {
    const client = await open();
    clock.advance(60_000);
    expect(await told(client, "error")).toMatchObject({ code: "inactivity_timeout" });
    expect((await client.closed).code).toBe(1000);
  });

  it.each([
    ["no voice", "sample_rate=16000", "invalid_request"],
    ["a voice there is not", "voice_id=nobody", "invalid_voice_id"],
    ["a rate there is not", "voice_id=tone&sample_rate=12345", "invalid_request"],
    ["a speed that is none", "voice_id=tone&speed=fast", "invalid_request"],
    ["a format there is not", "voice_id=tone&output_format=mp3", "invalid_request"],
  ])("refuses %s in place of the upgrade", async (_, query, code) => {
    const refused: unknown = await bench.open({ path, query }).catch((error: unknown) => error);
    if (!(refused instanceof Refused)) throw new Error("the socket was opened");
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code });
  });
});

const isEnd = ({ event }: TurnEvent): boolean => event === "turn_end";
