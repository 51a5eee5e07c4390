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

it("an outbox that ends gives what waits, then the last events, and lets all makers go", async () => {
  const outbox = new Outbox<string>();
  const put = outbox.put("waiting");
  outbox.end(["last"]);
  outbox.end(["never"]);
  await outbox.put("ignored");
  const seen: string[] = [];
  for await (const event of outbox) seen.push(event);
  await put;
  expect(seen).toEqual(["waiting", "last"]);
});

it("an outbox drops waiting events on demand and lets their makers go", async () => {
  const outbox = new Outbox<string>();
  const unwanted = outbox.put("unwanted");
  void outbox.put("wanted");
  expect(outbox.drop((event) => event === "unwanted")).toEqual(["unwanted"]);
  await unwanted;
  expect(outbox.size).toBe(1);
  expect(await outbox.next()).toEqual({ value: "wanted", done: false });
});
