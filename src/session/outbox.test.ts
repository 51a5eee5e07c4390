import { expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

/** Lets everything happen that waits for nothing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader that notes what it takes, and has room again when `free` is called. */
function read(outbox: Outbox<string>) {
  const seen: string[] = [];
  const rooms: (() => void)[] = [];
  let isSlow = false;
  const reading = new Promise<void>((onRead, onFailed) => {
    outbox.read({
      take(event) {
        seen.push(event);
        return isSlow ? new Promise((resolve) => rooms.push(resolve)) : undefined;
      },
      onRead,
      onFailed,
    });
  });
  return {
    seen,
    reading,
    slow(): void {
      isSlow = true;
    },
    free(): void {
      rooms.shift()?.();
    },
  };
}

it("an outbox hands an event at once to a reader that has room", () => {
  const outbox = new Outbox<string>();
  const { seen } = read(outbox);
  expect(outbox.put("now")).toBeUndefined();
  expect(seen).toEqual(["now"]);
});

it("an outbox hands over what waited when its reader comes", async () => {
  const outbox = new Outbox<string>();
  void outbox.put("a");
  const last = outbox.put("b");
  expect(last).toBeInstanceOf(Promise);
  const { seen } = read(outbox);
  expect(seen).toEqual(["a", "b"]);
  await last;
});

it("an outbox resolves a put when the reader has room again, one event after another", async () => {
  const outbox = new Outbox<string>();
  const reader = read(outbox);
  reader.slow();
  const done: string[] = [];
  for (const event of ["a", "b", "c"]) void outbox.put(event)?.then(() => done.push(event));
  await settle();
  expect(reader.seen).toEqual(["a"]);
  expect(done).toEqual([]);
  reader.free();
  await settle();
  expect(reader.seen).toEqual(["a", "b"]);
  expect(done).toEqual(["a"]);
  expect(outbox.size).toBe(1);
});

it("what is put while an event is taken is handed over after it", async () => {
  const outbox = new Outbox<string>();
  const seen: string[] = [];
  outbox.read({
    take(event) {
      if (event === "a") void outbox.put("b");
      seen.push(event);
      return undefined;
    },
    onFailed: () => {},
  });
  await outbox.put("a");
  expect(seen).toEqual(["a", "b"]);
});

it("an outbox that ends gives what waits, then the last events, and lets all makers go", async () => {
  const outbox = new Outbox<string>();
  const put = outbox.put("waiting");
  outbox.end(["last"]);
  outbox.end(["never"]);
  await outbox.put("ignored");
  const { seen, reading } = read(outbox);
  await Promise.all([put, reading]);
  expect(seen).toEqual(["waiting", "last"]);
});

it("an outbox drops waiting events on demand and lets their makers go", async () => {
  const outbox = new Outbox<string>();
  const unwanted = outbox.put("unwanted");
  void outbox.put("wanted");
  expect(outbox.drop((event) => event === "unwanted")).toEqual(["unwanted"]);
  await unwanted;
  expect(outbox.size).toBe(1);
  expect(read(outbox).seen).toEqual(["wanted"]);
});

it.each([
  (): never => {
    throw new Error("broken");
  },
  () => Promise.reject(new Error("broken")),
])("a reader that fails is told so and is handed nothing more", async (fail) => {
  const outbox = new Outbox<string>();
  const seen: string[] = [];
  const failed = new Promise((onFailed) => {
    outbox.read({
      take(event) {
        seen.push(event);
        return fail();
      },
      onFailed,
    });
  });
  void outbox.put("a");
  expect(await failed).toEqual(new Error("broken"));
  void outbox.put("b");
  expect(seen).toEqual(["a"]);
});

it("iterating over an outbox, an event is done with when the next one is asked for", async () => {
  const outbox = new Outbox<string>();
  const done: string[] = [];
  for (const event of ["a", "b"]) void outbox.put(event)?.then(() => done.push(event));
  const events = outbox[Symbol.asyncIterator]();
  expect((await events.next()).value).toBe("a");
  await settle();
  expect(done).toEqual([]);
  expect((await events.next()).value).toBe("b");
  expect(done).toEqual(["a"]);
  const late = events.next();
  await settle();
  void outbox.put("late");
  expect((await late).value).toBe("late");
  outbox.end(["last"]);
  expect((await events.next()).value).toBe("last");
  expect((await events.next()).done).toBe(true);
});
