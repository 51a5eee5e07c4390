import { describe, expect, it } from "vitest";
import { settle } from "../../test/support/session.ts";
import { ManualClock } from "../clock.ts";
import { filePatienceMs, FileSeats, type LeaveSeat } from "./file-seats.ts";

/** A request for a seat, and what has come of it so far. */
interface Asked {
  outcome: "waits" | "sits" | "is refused" | "has gone";
  leave: LeaveSeat;
  readonly abort: AbortController;
}

const open = (count: number) => {
  const clock = new ManualClock();
  const seats = new FileSeats(count, clock);
  const ask = (): Asked => {
    const asked: Asked = { outcome: "waits", leave: () => {}, abort: new AbortController() };
    seats.enter(asked.abort.signal).then(
      (leave) => Object.assign(asked, { outcome: "sits", leave }),
      (error: unknown) => {
        const isRefused = error instanceof Error && "problem" in error;
        asked.outcome = isRefused ? "is refused" : "has gone";
      },
    );
    return asked;
  };
  return { clock, ask };
};

const outcomes = async (asked: readonly Asked[]): Promise<string[]> => {
  await settle();
  return asked.map(({ outcome }) => outcome);
};

describe("FileSeats", () => {
  it("lets the others in one by one, in the order in which they came", async () => {
    const { ask } = open(1);
    const asked = [ask(), ask(), ask()];
    expect(await outcomes(asked)).toEqual(["sits", "waits", "waits"]);
    asked[0]?.leave();
    asked[0]?.leave();
    expect(await outcomes(asked)).toEqual(["sits", "sits", "waits"]);
    asked[1]?.leave();
    expect(await outcomes(asked)).toEqual(["sits", "sits", "sits"]);
    asked[2]?.leave();
    expect(await outcomes([ask(), ask()])).toEqual(["sits", "waits"]);
  });

  it("refuses who has waited too long", async () => {
    const { clock, ask } = open(1);
    const asked = [ask(), ask()];
    clock.advance(filePatienceMs - 1);
    expect(await outcomes(asked)).toEqual(["sits", "waits"]);
    clock.advance(1);
    expect(await outcomes(asked)).toEqual(["sits", "is refused"]);
  });

  it("forgets who has gone", async () => {
    const { ask } = open(1);
    const asked = [ask(), ask(), ask()];
    expect(await outcomes(asked)).toEqual(["sits", "waits", "waits"]);
    asked[1]?.abort.abort();
    asked[0]?.leave();
    expect(await outcomes(asked)).toEqual(["sits", "has gone", "sits"]);
  });
});
