import { describe, expect, it } from "vitest";
import { useToneServer } from "../conformance/bench.ts";

const allowed = {
  "access-control-request-method": "POST",
  "access-control-request-headers": "xi-api-key",
};

describe("what browsers are told of origins", () => {
  const listed = useToneServer({ allowedOrigins: "https://app.example.com" });
  const open = useToneServer();

  it("is the page's own origin where there is a list", async () => {
    const headers = { origin: "https://app.example.com" };
    const answer = await fetch(`${listed.server.url}/v1/models`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(answer.headers.get("vary")).toBe("Origin");
    const preflight = await fetch(`${listed.server.url}/v1/models`, {
      method: "OPTIONS",
      headers: { ...headers, ...allowed },
    });
    expect(preflight.headers.get("access-control-allow-headers")).toBe("xi-api-key");
  });

  it("is nothing for any other page", async () => {
    for (const method of ["GET", "OPTIONS"]) {
      const answer = await fetch(`${listed.server.url}/v1/models`, {
        method,
        headers: { origin: "https://evil.test", ...allowed },
      });
      expect(answer.status).toBe(403);
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-"))).toEqual([]);
    }
  });

  it("is a star where there is none, and never that credentials are sent along", async () => {
    const answer = await fetch(`${open.server.url}/v1/models`, {
      headers: { origin: "https://evil.test" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.has("access-control-allow-credentials")).toBe(false);
  });
});
