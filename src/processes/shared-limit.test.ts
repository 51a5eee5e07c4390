import fc from "fast-check";
import { expect, it } from "vitest";
import { acrossLine } from "../../test/support/line.ts";
import { createSharedLimiter, SharedLimit } from "./shared-limit.ts";

it("is one limit over all processes, whoever asks", async () => {
  const shared = new SharedLimit(3);
  const limiters = [1, 2].map(() => createSharedLimiter(3, acrossLine(shared.open())));
  const asked = [1, 2, 3, 4, 5].flatMap(() => limiters.map((limiter) => limiter.acquire()));
  const leases = (await Promise.all(asked)).filter((lease) => lease !== undefined);
  expect(leases).toHaveLength(3);
  expect(limiters.map(({ active }) => active)).toEqual([3, 3]);
  leases[0]?.();
  leases[0]?.();
  expect(await limiters[1]?.acquire()).toBeDefined();
  expect(await limiters[0]?.acquire()).toBeUndefined();
});

it("refuses nobody for a lease whose release is on its way", async () => {
  const shared = new SharedLimit(1);
  const [one, two] = [shared.open(), shared.open()];
  await one.acquire();
  const asked = two.acquire();
  void one.release();
  expect(await asked).toEqual({ isGiven: true, active: 1 });
});

it("has back what a process held that has gone, which gets nothing more", async () => {
  const shared = new SharedLimit(2);
  const [one, two] = [shared.open(), shared.open()];
  await Promise.all([one.acquire(), one.acquire()]);
  one.close();
  expect(shared.active).toBe(0);
  expect(await one.acquire()).toMatchObject({ isGiven: false });
  await one.release();
  expect(await two.acquire()).toEqual({ isGiven: true, active: 1 });
});

it("never gives more than the limit and never less, whatever comes and goes", async () => {
  const step = fc.record({ process: fc.nat(2), act: fc.constantFrom("acquire", "release", "end") });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step), async (limit, steps) => {
      const shared = new SharedLimit(limit);
      const processes = [0, 1, 2].map(() => ({ leases: shared.open(), held: 0 }));
      for (const { process: index, act } of steps) {
        const process = processes[index];
        if (!process) continue;
        const out = processes.reduce((sum, { held }) => sum + held, 0);
        if (act === "acquire") {
          const { isGiven } = await process.leases.acquire();
          expect(isGiven).toBe(out < limit);
          if (isGiven) process.held += 1;
        } else if (act === "release") {
          await process.leases.release();
          process.held = Math.max(0, process.held - 1);
        } else {
          process.leases.close();
          processes[index] = { leases: shared.open(), held: 0 };
        }
      }
      expect(shared.active).toBe(processes.reduce((sum, { held }) => sum + held, 0));
    }),
  );
});
