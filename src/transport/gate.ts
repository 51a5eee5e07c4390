import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type AddressRanges, noAddresses, parseRanges } from "../addresses.ts";
import type { Problem } from "../protocol/problems.ts";
import { type AllowLists, createCheckAllowed } from "./allow-lists.ts";
import { type ClientAddress, createClientAddress } from "./client-address.ts";
import { ConnectionLimits } from "./connection-limits.ts";

/** Who may come near a server. */
export interface Exposure {
  /** Proxies that are believed. */
  readonly proxies: AddressRanges;
  readonly allowed: AllowLists;
  readonly maxConnectionsPerAddress: number;
}

/** What everybody passes who asks a server anything, whatever it is. */
export interface Gate {
  readonly clientAddress: ClientAddress;
  /** To be told of every connection. */
  onConnection(socket: Socket): void;
  /** Lets a request in, or says why not. What it may give is to be called when the request is over. */
  enter(request: IncomingMessage): (() => void) | Problem | undefined;
}

/** This machine: its own proxies, probes and tools are no strangers. */
const loopback = parseRanges(["loopback"]) ?? noAddresses;

export function createGate({ proxies, allowed, maxConnectionsPerAddress }: Exposure): Gate {
  const clientAddress = createClientAddress(proxies);
  const checkAllowed = createCheckAllowed(allowed);
  const limits = new ConnectionLimits({
    limit: maxConnectionsPerAddress,
    proxies,
    exempt: loopback,
    clientAddress,
  });
  return {
    clientAddress,
    onConnection: (socket) => limits.onConnection(socket),
    enter: (request) => checkAllowed(request) ?? limits.enter(request),
  };
}
