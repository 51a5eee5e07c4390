import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { noAddresses, parseRanges } from "../addresses.ts";
import { createClientAddress } from "./client-address.ts";

const asked = (remoteAddress: string | undefined, forwardedFor?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
  }) as unknown as IncomingMessage;

it.each<[why: string, from: string | undefined, header: string | undefined, address: string]>([
  ["nothing is forwarded", "10.0.0.1", undefined, "10.0.0.1"],
  ["the proxy names its client", "10.0.0.1", "192.0.2.7", "192.0.2.7"],
  ["the client invented what stands first", "10.0.0.1", "127.0.0.1, 192.0.2.7", "192.0.2.7"],
  ["there are two proxies", "10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"],
  ["a proxy that is not trusted is the client", "10.0.0.1", "192.0.2.7,203.0.113.1", "203.0.113.1"],
  ["all are trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["who asks is not trusted", "192.0.2.9", "127.0.0.1", "192.0.2.9"],
  ["the proxy is IPv4 in IPv6", "::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"],
  ["the client is IPv4 in IPv6", "10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"],
  ["the client is IPv6", "10.0.0.1", "2001:DB8:0::1", "2001:db8::1"],
  ["the proxy adds the port", "10.0.0.1", "192.0.2.7:4711", "192.0.2.7"],
  ["the proxy adds the port of IPv6", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["the proxy names nobody", "10.0.0.1", "192.0.2.7, unknown", "10.0.0.1"],
  ["the header is empty", "10.0.0.1", "", "10.0.0.1"],
  ["the header ends in a comma", "10.0.0.1", "192.0.2.7,", "10.0.0.1"],
  ["the header is no list of addresses", "10.0.0.1", "' or 1=1 --", "10.0.0.1"],
  ["the connection has gone", undefined, "192.0.2.7", "unknown"],
])("%s: %s with %j is %s", (_why, from, header, address) => {
  const trusted = parseRanges(["10.0.0.0/8"]) ?? noAddresses;
  expect(createClientAddress(trusted)(asked(from, header))).toBe(address);
});

it("believes nobody unless told to", () => {
  expect(createClientAddress(noAddresses)(asked("127.0.0.1", "192.0.2.7"))).toBe("127.0.0.1");
});
