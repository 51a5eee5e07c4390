import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type AddressRanges, networkOf } from "../addresses.ts";
import type { Problem } from "../protocol/problems.ts";
import { type ClientAddress, peerAddress } from "./client-address.ts";

/** What counts connections by address. */
export interface ConnectionLimitOptions {
  /** For each address. */
  readonly limit: number;
  /** Addresses whose connections are made for others: those others are counted. */
  readonly proxies: AddressRanges;
  /** Addresses that are never counted. */
  readonly exempt: AddressRanges;
  readonly clientAddress: ClientAddress;
}

/** Connections over the limit that are kept until they ask something, to be told why they are refused. */
const maxTold = 16;

/**
 * Counts what each address holds: its connections; or, where a trusted proxy speaks for it, whose
 * connections serve many clients, its sockets and the requests that are being answered.
 */
export class ConnectionLimits {
  readonly #options: ConnectionLimitOptions;
  readonly #counts = new Map<string, number>();
  /** Connections over the limit, by what both a TLS connection and the one below it are known by. */
  readonly #refused = new Set<string>();

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** Addresses that hold anything. */
  get size(): number {
    return this.#counts.size;
  }

  /** Counts a connection that was just made, until it closes. One of far too many is dropped. */
  onConnection(socket: Socket): void {
    const { limit, proxies, exempt } = this.#options;
    const address = peerAddress(socket);
    if (proxies.has(address) || exempt.has(address)) return;
    const network = networkOf(address);
    const name = nameOf(socket);
    const count = this.#add(network);
    if (count > limit) this.#refused.add(name);
    socket.once("close", () => {
      this.#remove(network);
      this.#refused.delete(name);
    });
    if (count > limit + maxTold) socket.destroy();
  }

  /** Lets a request in, or says why not. What it may give is to be called when the request is over. */
  enter(request: IncomingMessage): (() => void) | Problem | undefined {
    const { limit, proxies, exempt, clientAddress } = this.#options;
    if (this.#refused.has(nameOf(request.socket))) return tooMany(limit);
    if (!proxies.has(peerAddress(request.socket))) return undefined;
    const address = clientAddress(request);
    if (proxies.has(address) || exempt.has(address)) return undefined;
    const network = networkOf(address);
    if (this.#add(network) > limit) {
      this.#remove(network);
      return tooMany(limit);
    }
    let isOver = false;
    return () => {
      if (!isOver) this.#remove(network);
      isOver = true;
    };
  }

  #add(network: string): number {
    const count = (this.#counts.get(network) ?? 0) + 1;
    this.#counts.set(network, count);
    return count;
  }

  #remove(network: string): void {
    const count = (this.#counts.get(network) ?? 0) - 1;
    if (count > 0) this.#counts.set(network, count);
    else this.#counts.delete(network);
  }
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const tooMany = (limit: number): Problem => ({ code: "too_many_connections", details: { limit } });
