import { expect, it } from "vitest";
import { readLogRecords } from "./log-records.ts";

const read = (...lines: string[]): { atMs: number | undefined; texts: string[] }[] =>
  [...readLogRecords(lines.join("\n"))].map(({ atMs, lines: its }) => ({
    atMs,
    texts: its.map(({ text }) => text.trim()),
  }));

it("puts a traceback with the line that it explains", () => {
  const records = read(
    "2026-01-02 12:00:00,000 - ERROR livekit.agents - failed",
    "Traceback (most recent call last):",
    '  File "tts.py", line 1, in run',
    "    await waiter",
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "livekit.agents._exceptions.APIStatusError: connection closed (status_code=-1)",
    "2026-01-02 12:00:01,000 - INFO livekit.agents - next",
  );
  expect(records.map(({ texts }) => texts.length)).toEqual([6, 1]);
  expect(records[0]?.texts.at(-1)).toContain("APIStatusError");
});

it("does so where every line has the time of its container", () => {
  const records = read(
    "2026-01-02T12:00:00.000Z ERROR:root:failed",
    "2026-01-02T12:00:00.001Z Traceback (most recent call last):",
    '2026-01-02T12:00:00.002Z   File "a.py", line 1, in run',
    "2026-01-02T12:00:00.003Z websockets.exceptions.ConnectionClosedError: no close frame received or sent",
    "2026-01-02T12:00:09.000Z INFO:root:next",
  );
  expect(records.map(({ texts }) => texts.length)).toEqual([4, 1]);
});

it("takes away colours, carriage returns and what containers put before a line", () => {
  const records = read(
    "agent-1  | \u001b[32m2026-01-02 12:00:00.000\u001b[0m | \u001b[1mERROR\u001b[0m | closed\r",
    "[31m2026-01-02 12:00:01.000[0m | lost escape characters",
    "[pod/agent-0/agent] 2026-01-02T12:00:02Z INFO ready",
    '2026-01-02T12:00:03.000000Z stdout F {"level":50,"time":1767355203000,"msg":"boom"}',
    "2026-01-02T12:00:04.000 app[3d8d3e2f769568] ams [info] 2026-01-02 12:00:04.000 | ERROR | x",
  );
  expect(records.map(({ texts }) => texts[0])).toEqual([
    "| ERROR | closed",
    "| lost escape characters",
    "INFO ready",
    "ERROR boom",
    "| ERROR | x",
  ]);
  const [first = 0, ...others] = records.map(({ atMs }) => atMs ?? Number.NaN);
  expect(others.map((atMs) => atMs - first)).toEqual([1000, 2000, 3000, 4000]);
});

it("writes the lines of JSON loggers out", () => {
  const records = read(
    JSON.stringify({
      level: 40,
      time: 1_767_355_200_000,
      pid: 1,
      msg: "socket closed",
      code: 1008,
      err: { message: "Invalid API key" },
    }),
    JSON.stringify({
      message: "failed\nTraceback",
      levelname: "WARNING",
      timestamp: "2026-01-02T12:00:01+00:00",
      status_code: -1,
    }),
    JSON.stringify({ log: "2026-01-02 | plain\n", stream: "stderr", time: "2026-01-02T12:00:02Z" }),
  );
  expect(records.map(({ texts }) => texts[0])).toEqual([
    "WARN socket closed code=1008 err.message=Invalid API key",
    "WARNING failed Traceback status_code=-1",
    "2026-01-02 | plain",
  ]);
});

it("leaves a message of the wire alone, which is no logger's line", () => {
  expect(read('{"text":" ","voice_settings":{}}')[0]?.texts).toEqual([
    '{"text":" ","voice_settings":{}}',
  ]);
});

it("bounds what it keeps of endless lines and records", () => {
  const audio = `{"audio":"${"A".repeat(3_000_000)}","isFinal":null}`;
  const [record] = [...readLogRecords(`${audio}\n${"  more\n".repeat(100_000)}`)];
  expect(record?.lines[0]?.text.length).toBeLessThan(20_000);
  expect(record?.lines.length).toBeLessThanOrEqual(400);
});
