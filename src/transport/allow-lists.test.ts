import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { createCheckAllowed } from "./allow-lists.ts";

const lists = {
  hosts: ["speech.example.com", "*.example.org", "192.0.2.7", "[::1]"],
  origins: ["https://app.example.com", "https://*.example.org", "http://localhost:3000"],
};
const check = createCheckAllowed(lists);

/** A request with these headers, of which a name may come twice. */
function asked(
  raw: readonly (readonly [name: string, value: string])[],
  url = "/v1/voices",
  httpVersion = "1.1",
): IncomingMessage {
  const headers = Object.fromEntries(
    raw.toReversed().map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { url, headers, rawHeaders: raw.flat(), httpVersion } as unknown as IncomingMessage;
}

it.each<[host: string, problem: string | undefined]>([
  ["speech.example.com", undefined],
  ["SPEECH.Example.COM:8443", undefined],
  ["speech.example.com.", undefined],
  ["speech.example.com.:80", undefined],
  ["a.example.org", undefined],
  ["a.b.example.org", undefined],
  ["192.0.2.7:8080", undefined],
  ["[::1]:8080", undefined],
  ["example.com", "host_not_allowed"],
  ["example.org", "host_not_allowed"],
  [".example.org", "host_not_allowed"],
  ["evilexample.org", "host_not_allowed"],
  ["speech.example.com.evil.test", "host_not_allowed"],
  ["evil.test/a.example.org", "host_not_allowed"],
  ["evil.test@a.example.org", "host_not_allowed"],
  ["192.0.2.70", "host_not_allowed"],
  ["*.example.org", "host_not_allowed"],
  ["", "host_not_allowed"],
])("the host %j: %s", (host, problem) => {
  expect(check(asked([["Host", host]]))?.code).toBe(problem);
});

it.each<[origin: string, problem: string | undefined]>([
  ["https://app.example.com", undefined],
  ["HTTPS://App.Example.com", undefined],
  ["https://a.example.org", undefined],
  ["http://localhost:3000", undefined],
  ["http://localhost:3001", "origin_not_allowed"],
  ["http://app.example.com", "origin_not_allowed"],
  ["https://app.example.com:8443", "origin_not_allowed"],
  ["https://example.org", "origin_not_allowed"],
  ["https://evil.test/.example.org", "origin_not_allowed"],
  ["https://evil.test?.example.org", "origin_not_allowed"],
  ["null", "origin_not_allowed"],
  ["", "origin_not_allowed"],
])("the origin %j: %s", (origin, problem) => {
  const headers = [
    ["host", "speech.example.com"],
    ["origin", origin],
  ] as const;
  expect(check(asked(headers))?.code).toBe(problem);
});

it("lets programs in, which send no origin", () => {
  expect(check(asked([["host", "speech.example.com"]]))).toBeUndefined();
});

it("refuses two hosts, and none", () => {
  const twice = [
    ["host", "speech.example.com"],
    ["Host", "speech.example.com"],
  ] as const;
  expect(check(asked(twice))?.code).toBe("malformed_request");
  expect(check(asked([]))?.code).toBe("malformed_request");
  expect(
    createCheckAllowed({ hosts: ["*"], origins: ["*"] })(asked([], "/", "1.0")),
  ).toBeUndefined();
});

it("refuses versions of HTTP that have no headers, and those there are not", () => {
  const host = [["host", "speech.example.com"]] as const;
  for (const version of ["0.9", "1.2", "2.0"]) {
    expect(check(asked(host, "/v1/voices", version))?.code).toBe("malformed_request");
  }
});

it("heeds the host of the address itself", () => {
  const host = [["host", "speech.example.com"]] as const;
  expect(check(asked(host, "http://evil.test/v1/voices"))?.code).toBe("host_not_allowed");
  expect(check(asked(host, "http://speech.example.com:80/v1/voices"))).toBeUndefined();
});

it("lets probes ask by address", () => {
  const byAddress = [["host", "10.0.0.7:8080"]] as const;
  expect(check(asked(byAddress, "/health"))).toBeUndefined();
  expect(check(asked(byAddress, "/health?detail"))).toBeUndefined();
  expect(check(asked(byAddress, "/healthy"))?.code).toBe("host_not_allowed");
});

it("asks nothing of a list with a star", () => {
  const open = createCheckAllowed({ hosts: ["*"], origins: ["*"] });
  expect(
    open(
      asked([
        ["host", "evil.test"],
        ["origin", "null"],
      ]),
    ),
  ).toBeUndefined();
});
