import { type Problem, SpeechError } from "../protocol/problems.ts";

/** One end of a line between two processes, such as a worker of `node:cluster` on either side. */
export interface Channel {
  send(message: unknown, onSent: (error: Error | null) => void): unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
  once(event: "disconnect", listener: () => void): unknown;
}

/** What of an error survives the way to another process. */
type Failure =
  | { readonly problem: Problem }
  | { readonly name: string; readonly message: string; readonly code: string | undefined };

type Message =
  | {
      readonly type: "call";
      readonly id: number;
      readonly object: string;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly failure: Failure };

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;
type Objects = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/**
 * Offers objects, by name, to the process at the other end and gives those that it offers. All their
 * methods give promises and are carried out there. Arguments and results are cloned, so they are data. What is thrown there is
 * thrown here: a `SpeechError` as itself, anything else as an error with its name, message and code.
 * When the other process has gone, calls are rejected with `shutting_down`.
 */
export function connect(channel: Channel, ours: object): object {
  const waiting = new Map<number, Waiter>();
  let nextId = 0;
  let isClosed = false;

  const send = (message: Message, onFailed: (error: Error) => void): void => {
    channel.send(message, (error) => {
      if (error) onFailed(error);
    });
  };

  const call = (object: string, method: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new SpeechError("shutting_down"));
      const id = nextId;
      nextId += 1;
      waiting.set(id, { resolve, reject });
      try {
        send({ type: "call", id, object, method, args }, (error) =>
          settle(id)?.reject(new SpeechError("shutting_down", {}, error)),
        );
      } catch (error) {
        settle(id)?.reject(error);
      }
    });

  const settle = (id: number): Waiter | undefined => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    return waiter;
  };

  const carryOut = async (message: Extract<Message, { type: "call" }>): Promise<void> => {
    const { id, object, method, args } = message;
    try {
      const value = await (ours as Objects)[object]?.[method]?.(...args);
      send({ type: "result", id, value }, ignore);
    } catch (error) {
      send({ type: "failure", id, failure: toFailure(error) }, ignore);
    }
  };

  channel.on("message", (received) => {
    const message = received as Message;
    if (message.type === "call") void carryOut(message);
    else if (message.type === "result") settle(message.id)?.resolve(message.value);
    else if (message.type === "failure") settle(message.id)?.reject(fromFailure(message.failure));
  });
  channel.once("disconnect", () => {
    isClosed = true;
    for (const id of waiting.keys()) settle(id)?.reject(new SpeechError("shutting_down"));
  });

  return named((object) =>
    named(
      (method): Method =>
        (...args) =>
          call(object, method, args),
    ),
  );
}

/** An object that has a member of every name. */
function named(memberOf: (name: string) => unknown): object {
  const get = (_target: object, name: string | symbol): unknown =>
    // Else a promise would take it for another promise.
    typeof name === "symbol" || name === "then" ? undefined : memberOf(name);
  return new Proxy({}, { get });
}

/** An answer that cannot be sent has nobody who waits for it. */
const ignore = (): void => {};

function toFailure(error: unknown): Failure {
  if (error instanceof SpeechError) return { problem: error.problem };
  if (!(error instanceof Error)) return { name: "Error", message: String(error), code: undefined };
  const code = "code" in error ? String(error.code) : undefined;
  return { name: error.name, message: error.message, code };
}

function fromFailure(failure: Failure): Error {
  if ("problem" in failure) return SpeechError.of(failure.problem);
  const { name, message, code } = failure;
  return Object.assign(new Error(message), { name }, code !== undefined && { code });
}
