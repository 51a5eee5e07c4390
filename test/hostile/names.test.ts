import { describe, expect, it } from "vitest";
import { useToneServer } from "../conformance/bench.ts";

describe("a name that a client gave", () => {
  const bench = useToneServer();

  it.each([
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    'a"; filename="b.exe',
    "a\r\nset-cookie: a=b",
    "a\0b",
    "/etc/passwd",
    "\u202egpj.exe",
    "%2e%2e%2f",
    "…",
  ])("is no path in what is downloaded: %j", async (name) => {
    const base = `${bench.server.url}/v1/pronunciation-dictionaries`;
    const rules = [{ type: "alias", string_to_replace: "a", alias: "b" }];
    const made = await fetch(`${base}/add-from-rules`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, rules }),
    });
    expect(made.status).toBe(200);
    const { id, version_id: version } = (await made.json()) as { id: string; version_id: string };
    const answer = await fetch(`${base}/${id}/${version}/download`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-disposition")).toMatch(
      /^attachment; filename="[\w-][\w .-]*\.pls"$/,
    );
    expect(answer.headers.has("set-cookie")).toBe(false);
  });
});
