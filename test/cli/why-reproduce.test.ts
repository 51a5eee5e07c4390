import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UsageError } from "../../src/cli/errors.ts";
import { whyReproduce } from "../../src/cli/why-reproduce.ts";
import { recordedCauseIds } from "../../src/protocol/causes.ts";

let printed: string;
beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

it("prints what was done, what the client saw, and why", async () => {
  await whyReproduce("input_timeout");
  const [done, blank, saw, ...lines] = printed.split("\n");
  expect(done).toBe("A client sends nothing for 20 seconds.");
  expect([blank, saw]).toEqual(["", "The client saw:"]);
  expect(lines[0]).toMatch(/^ {2}\{"message":"Have not received a new text input/);
  expect(lines[1]).toMatch(/^ {2}the socket closed with 1008: Have not received/);
  expect(printed).toContain("No message arrived within the inactivity timeout of 20 seconds.");
  expect(printed).toContain("the inactivity timer ran out");
  expect(printed).toMatch(/\(input_timeout; the same again may succeed\)\n$/);
});

it("prints the same as JSON", async () => {
  await whyReproduce("voice_not_found", { json: true });
  expect(JSON.parse(printed)).toMatchObject({
    cause: "voice_not_found",
    done: "A client opens a socket for a voice that does not exist.",
    client_saw: [expect.stringContaining("voice_id_does_not_exist"), expect.any(String)],
    connection: { cause: "voice_not_found", ended_by: "server", close_code: 1008 },
  });
});

it("lists the causes there are when asked for another", async () => {
  const failure: unknown = await whyReproduce("bad_luck").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UsageError);
  for (const cause of recordedCauseIds) expect(String(failure)).toContain(cause);
  expect(printed).toBe("");
});
