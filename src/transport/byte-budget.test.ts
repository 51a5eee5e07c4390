import { expect, it } from "vitest";
import { ByteBudget } from "./byte-budget.ts";

it("a budget is exceeded while all connections together hold more than the limit", () => {
  const budget = new ByteBudget(100);
  budget.recount(0, 60);
  budget.recount(0, 40);
  expect(budget.isExceeded).toBe(false);
  budget.recount(40, 41);
  expect(budget.isExceeded).toBe(true);
  expect(budget.queuedBytes).toBe(101);
  budget.recount(60, 0);
  expect(budget.isExceeded).toBe(false);
  expect(budget.queuedBytes).toBe(41);
});

it("a budget knows how many connections wait for room", () => {
  const budget = new ByteBudget(100);
  budget.beginWait();
  budget.beginWait();
  budget.endWait();
  expect(budget.waiting).toBe(1);
});
