import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { noAddresses, parseRanges } from "../addresses.ts";
import { createClientAddress } from "./client-address.ts";
import { ConnectionLimits } from "./connection-limits.ts";

const limit = 2;
const proxies = parseRanges(["10.0.0.0/8"]) ?? noAddresses;
const exempt = parseRanges(["loopback"]) ?? noAddresses;
const client = "192.0.2.7";

class FakeSocket extends EventEmitter {
  destroyed = false;
  readonly remoteAddress: string;
  readonly remotePort: number;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

let nextPort = 1024;

function start() {
  const limits = new ConnectionLimits({
    limit,
    proxies,
    exempt,
    clientAddress: createClientAddress(proxies),
  });
  const connect = (address: string): FakeSocket => {
    const socket = new FakeSocket(address, nextPort);
    nextPort += 1;
    limits.onConnection(socket as unknown as Socket);
    return socket;
  };
  /** Undefined for one that is let in and has nothing to take back. */
  const ask = (socket: FakeSocket, forwardedFor?: string) =>
    limits.enter({
      socket,
      headers: { "x-forwarded-for": forwardedFor },
    } as unknown as IncomingMessage);
  return { limits, connect, ask };
}

const tooMany = { code: "too_many_connections", details: { limit } };

describe("connections of one address", () => {
  it("are let in up to the limit, and again when one has closed", () => {
    const { limits, connect, ask } = start();
    const [first, second, third] = [connect(client), connect(client), connect(client)];
    expect(ask(first)).toBeUndefined();
    expect(ask(second)).toBeUndefined();
    expect(ask(third)).toEqual(tooMany);
    expect(ask(connect("192.0.2.8"))).toBeUndefined();
    for (const socket of [first, third]) socket.destroy();
    const fourth = connect(client);
    expect(ask(fourth)).toBeUndefined();
    for (const socket of [second, fourth]) socket.destroy();
    expect(limits.size).toBe(1);
  });

  it("are dropped unheard when there are far too many", () => {
    const { connect } = start();
    const sockets = Array.from({ length: limit + 17 }, () => connect(client));
    expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([sockets.at(-1)]);
  });

  it("are those of its network, with IPv6", () => {
    const { connect, ask } = start();
    const [, , third] = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(connect);
    expect(third && ask(third)).toEqual(tooMany);
  });

  it("do not count if they come from this machine", () => {
    const { limits, connect, ask } = start();
    const sockets = Array.from({ length: 50 }, () => connect("::ffff:127.0.0.1"));
    expect(sockets.map((socket) => ask(socket))).toEqual(sockets.map(() => undefined));
    expect(limits.size).toBe(0);
  });
});

describe("requests that a trusted proxy sends for others", () => {
  it("count for those others, while they last", () => {
    const { limits, connect, ask } = start();
    const proxy = connect("10.0.0.1");
    const [first, second] = [ask(proxy, client), ask(proxy, client)];
    expect(ask(proxy, client)).toEqual(tooMany);
    expect(ask(proxy, "192.0.2.8")).toBeTypeOf("function");
    for (const leave of [first, first, first, second]) if (typeof leave === "function") leave();
    expect(limits.size).toBe(1);
    expect(ask(proxy, client)).toBeTypeOf("function");
  });

  it("do not count for the proxy", () => {
    const { limits, connect, ask } = start();
    for (let count = 0; count < 50; count += 1) {
      expect(ask(connect("10.0.0.1"))).toBeUndefined();
    }
    expect(limits.size).toBe(0);
  });

  it("are not believed of anybody else", () => {
    const { limits, connect, ask } = start();
    for (let count = 0; count < 9; count += 1) ask(connect("192.0.2.9"), `192.0.2.${count}`);
    expect(limits.size).toBe(1);
  });
});
