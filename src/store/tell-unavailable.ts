import { SpeechError } from "../protocol/problems.ts";
import { codeOf, StoreFault } from "./store-fault.ts";
import { DamagedRowError } from "./stored-json.ts";

type Method = (...args: unknown[]) => unknown;

/**
 * The same store, whose promises are rejected with `records_unavailable` where the database fails. The
 * database's own words may quote a row, so nobody is told more than its code.
 */
export function tellUnavailable<Store extends object>(
  store: Store,
  onFault: (fault: StoreFault) => void,
): Store {
  const translate = (error: unknown): never => {
    const isOurs = error instanceof SpeechError || error instanceof DamagedRowError;
    if (isOurs || error instanceof TypeError || error instanceof RangeError) throw error;
    const code = codeOf(error);
    const shown = code === undefined ? "" : ` (${code})`;
    const fault =
      error instanceof StoreFault
        ? error
        : new StoreFault(`The database did not answer${shown}.`, code);
    if (fault !== error) onFault(fault);
    throw new SpeechError("records_unavailable", {}, fault);
  };
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result = (member as Method).apply(target, args);
        if (!(result instanceof Promise)) return result;
        const told = result.catch(translate);
        // Who adds something need not wait for it.
        told.catch(() => {});
        return told;
      };
    },
  });
}
