import { describe, expect, it } from "vitest";
import { multiPath, profilePaths, useToneServer } from "../conformance/bench.ts";
import { until } from "../property/until.ts";
import type { StreamInput } from "../support/stream-input.ts";

const bench = useToneServer();
const { clock, tone } = bench;
const heartbeatMs = 20_000;

/** Opens a socket whose peer answers pings, or does not. */
const open = (path: string, autoPong: boolean): Promise<StreamInput> =>
  bench.open({ path, query: "inactivity_timeout=180", client: { autoPong } });

/** Lets one heartbeat pass, and its pings reach these peers and be answered. */
async function beat(...peers: StreamInput[]): Promise<void> {
  const arePinged = peers.map(({ socket, closed }) => {
    const isPinged = new Promise((resolve) => socket.once("ping", resolve));
    return Promise.race([isPinged, closed]);
  });
  clock.advance(heartbeatMs);
  await Promise.all(arePinged);
  await Promise.all(peers.map((peer) => peer.settled()));
}

describe("a peer that answers no pings", () => {
  it.each([`${profilePaths.kind}/tone/stream-input`, multiPath()])(
    "is dropped after 60 s, and its place and its work are given up: %s",
    async (path) => {
      const dead = await open(path, false);
      tone.hold();
      dead.send({ text: "Hello there. ", flush: true });
      await dead.settled();
      expect(tone.begun).toEqual(["Hello there. "]);
      await beat(dead);
      await beat(dead);
      clock.advance(heartbeatMs - 1);
      await dead.settled();
      expect(bench.server.server.sessions).toBe(1);
      clock.advance(1);
      expect((await dead.closed).code).toBe(1006);
      await until(() => bench.server.server.sessions === 0, "its place is free");
      await until(() => tone.aborted.length === 1, "its synthesis is aborted");
    },
  );

  it("is the only one that is dropped", async () => {
    const [alive, dead] = [await open(multiPath(), true), await open(multiPath(), false)];
    for (let round = 0; round < 3; round += 1) await beat(alive, dead);
    expect((await dead.closed).code).toBe(1006);
    for (let round = 0; round < 5; round += 1) await beat(alive);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    expect(bench.server.server.sessions).toBe(1);
  });
});
