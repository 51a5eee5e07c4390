import { expect, it } from "vitest";
import { SpeechError } from "../protocol/problems.ts";
import type { StoreFault } from "./store-fault.ts";
import { DamagedRowError } from "./stored-json.ts";
import { tellUnavailable } from "./tell-unavailable.ts";

class Shelf {
  readonly #failure: unknown;

  constructor(failure?: unknown) {
    this.#failure = failure;
  }

  read(): Promise<string> {
    return this.#failure === undefined ? Promise.resolve("book") : Promise.reject(this.#failure);
  }

  count(): number {
    return 1;
  }
}

const open = (failure?: unknown): { shelf: Shelf; faults: StoreFault[] } => {
  const faults: StoreFault[] = [];
  return { shelf: tellUnavailable(new Shelf(failure), (fault) => faults.push(fault)), faults };
};

it("changes nothing about a store that works", async () => {
  const { shelf, faults } = open();
  expect(await shelf.read()).toBe("book");
  expect(shelf.count()).toBe(1);
  expect(faults).toEqual([]);
});

it("says that the records cannot be reached, and tells the log the code alone", async () => {
  const refused = Object.assign(new Error("row (sk_…, secret text)"), { code: "57P03" });
  const { shelf, faults } = open(refused);
  await expect(shelf.read()).rejects.toMatchObject({ problem: { code: "records_unavailable" } });
  expect(faults.map(({ message, code }) => [message, code])).toEqual([
    ["The database did not answer (57P03).", "57P03"],
  ]);
});

it.each([
  ["a problem", new SpeechError("dictionaries_full")],
  ["a damaged row", new DamagedRowError("turns", "settings")],
])("leaves %s as it is", async (_what, failure) => {
  const { shelf, faults } = open(failure);
  await expect(shelf.read()).rejects.toBe(failure);
  expect(faults).toEqual([]);
});
