import { EventEmitter } from "node:events";
import { type Channel } from "../../src/processes/bridge.ts";

/** A line between two processes that are one: what it carries is cloned and comes later. */
export interface Line {
  readonly ends: readonly [Channel, Channel];
  /** As when one of the processes ends. */
  cut(): void;
}

export function createLine(): Line {
  const emitters = [new EventEmitter(), new EventEmitter()] as const;
  let isCut = false;
  const endOf = (own: EventEmitter, other: EventEmitter): Channel => ({
    send(message, onSent) {
      const arrived: unknown = structuredClone(message);
      setImmediate(() => {
        if (!isCut) other.emit("message", arrived);
        onSent(isCut ? new Error("The line is cut") : null);
      });
    },
    on: (event, listener) => own.on(event, listener),
    once: (event, listener) => own.once(event, listener),
  });
  return {
    ends: [endOf(emitters[0], emitters[1]), endOf(emitters[1], emitters[0])],
    cut() {
      isCut = true;
      for (const emitter of emitters) emitter.emit("disconnect");
    },
  };
}
