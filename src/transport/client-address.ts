import type { IncomingMessage } from "node:http";
import { type AddressRanges, parseAddress } from "../addresses.ts";

/** The address of whoever sent a request. */
export type ClientAddress = (request: IncomingMessage) => string;

/** What stands for an address where there is none, as for a connection that has gone. */
export const unknownAddress = "unknown";

/** The address at the other end of a connection. */
export const peerAddress = ({ remoteAddress = "" }: IncomingMessage["socket"]): string =>
  parseAddress(remoteAddress) ?? unknownAddress;

/**
 * Believes X-Forwarded-For as far as it was written by proxies that are trusted: each of them adds
 * at its end whom it was asked by, so the last address that is not a trusted proxy's counts, and
 * what stands before it is anybody's invention. Other headers of this kind are not read.
 */
export function createClientAddress(trusted: AddressRanges): ClientAddress {
  return ({ headers, socket }) => {
    let address = peerAddress(socket);
    const hops = String(headers["x-forwarded-for"] ?? "").split(",");
    while (trusted.has(address)) {
      const hop = parseHop(hops.pop() ?? "");
      // A proxy that names nobody stands for its client.
      if (hop === undefined) break;
      address = hop;
    }
    return address;
  };
}

/** Some proxies add the port. */
function parseHop(text: string): string | undefined {
  const name = text.trim();
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(name) ?? [];
  const [, dotted] = /^([\d.]+):\d+$/.exec(name) ?? [];
  return parseAddress(bracketed ?? dotted ?? name);
}
