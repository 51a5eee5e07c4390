import { describe, expect, it } from "vitest";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { type HeldFile, roomPatienceMs, WholeFiles } from "./whole-files.ts";

const open = () => {
  const clock = new ManualClock();
  const files = new WholeFiles(100, clock);
  return { clock, files };
};

/** How often each of `events` has happened so far. */
const watch = (waiting: Promise<void> | undefined): { has: string } => {
  const seen = { has: waiting ? "waited" : "gone on" };
  waiting?.then(
    () => (seen.has = "gone on later"),
    (error: unknown) => (seen.has = String((error as { problem?: object }).problem && "refused")),
  );
  return seen;
};

describe("WholeFiles", () => {
  it("lets all go on while there is room", () => {
    const { files } = open();
    const [one, other] = [files.open(), files.open()];
    expect(one.hold(60)).toBeUndefined();
    expect(other.hold(30)).toBeUndefined();
    expect(files.heldBytes).toBe(90);
    one.release();
    expect(files.heldBytes).toBe(30);
  });

  it("lets only the oldest go on when there is none, and the next when that has been read", async () => {
    const { files } = open();
    const [one, other] = [files.open(), files.open()];
    void one.hold(60);
    void other.hold(60);
    const waiting = watch(other.hold(60));
    expect(one.hold(60)).toBeUndefined();
    await settle();
    expect(waiting.has).toBe("waited");
    one.finish();
    await settle();
    expect(waiting.has).toBe("waited");
    one.recount(10);
    await settle();
    expect(waiting.has).toBe("gone on later");
    expect(files.heldBytes).toBe(130);
  });

  it("lets the next go on beside files that are read slowly, as long as those leave room", async () => {
    const { files } = open();
    const [one, other] = [files.open(), files.open()];
    void one.hold(60);
    void other.hold(60);
    const waiting = watch(other.hold(60));
    one.finish();
    await settle();
    expect(waiting.has).toBe("gone on later");
  });

  it("refuses who has waited too long", async () => {
    const { clock, files } = open();
    const [one, other] = [files.open(), files.open()];
    void one.hold(100);
    one.finish();
    const waiting = watch(other.hold(1));
    clock.advance(roomPatienceMs - 1);
    await settle();
    expect(waiting.has).toBe("waited");
    clock.advance(1);
    await settle();
    expect(waiting.has).toBe("refused");
    expect(files.heldBytes).toBe(100);
  });

  it("keeps nobody waiting whose reader has gone, and counts nothing of it", async () => {
    const { files } = open();
    const [one, other] = [files.open(), files.open()];
    void one.hold(100);
    const waiting = watch(other.hold(50));
    other.release();
    other.release();
    await settle();
    expect(waiting.has).toBe("gone on later");
    expect(files.heldBytes).toBe(100);
  });

  it("never takes more than the files that are made, and one that is being made", () => {
    const { files } = open();
    const all = Array.from({ length: 20 }, () => files.open());
    const waits = new Set<HeldFile>();
    for (let round = 0; round < 30; round += 1) {
      for (const file of all) {
        if (waits.has(file)) continue;
        const room = file.hold(10);
        room?.catch(() => {});
        if (room) waits.add(file);
      }
    }
    // A hundred, what the oldest has taken besides, and nobody else.
    expect(waits.size).toBe(19);
    expect(files.heldBytes).toBe(100 + 10 * 29);
  });
});
