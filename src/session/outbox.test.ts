import { expect, it } from "vitest";
import { Outbox } from "./outbox.ts";

it("an outbox resolves a put when the reader asks for what comes next", async () => {
  const outbox = new Outbox<string>();
  const done: string[] = [];
  void outbox.put("a").then(() => done.push("a"));
  void outbox.put("b").then(() => done.push("b"));
  expect(await outbox.next()).toEqual({ value: "a", done: false });
  expect(done).toEqual([]);
  expect(await outbox.next()).toEqual({ value: "b", done: false });
  expect(done).toEqual(["a"]);
});

it("an outbox gives an event to a reader that waits", async () => {
  const outbox = new Outbox<string>();
  const next = outbox.next();
  void outbox.put("late");
  expect(await next).toEqual({ value: "late", done: false });
});

it("an outbox that ends drops what waits, gives the last events and lets all makers go", async () => {
  const outbox = new Outbox<string>();
  const put = outbox.put("dropped");
  outbox.end(["last"]);
  outbox.end(["never"]);
  await put;
  await outbox.put("ignored");
  const seen: string[] = [];
  for await (const event of outbox) seen.push(event);
  expect(seen).toEqual(["last"]);
});
