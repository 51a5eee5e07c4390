import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { noAddresses } from "../../src/addresses.ts";
import { createClientAddress } from "../../src/transport/client-address.ts";
import { ConnectionLimits } from "../../src/transport/connection-limits.ts";
import { httpLimits, HttpServers } from "../../src/transport/http-servers.ts";
import { until } from "../property/until.ts";
import { useToneServer } from "../conformance/bench.ts";
import { get, upgrade } from "./acts.ts";
import { describeExchange } from "./describe-exchange.ts";
import { dial, exchange, readExchange } from "./exchange.ts";

const open: Socket[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy();
});

describe("connections of one address", () => {
  it("are told when there are too many, and dropped when there are far too many", async () => {
    const limits = new ConnectionLimits({
      limit: 3,
      proxies: noAddresses,
      exempt: noAddresses,
      clientAddress: createClientAddress(noAddresses),
    });
    const servers = new HttpServers(httpLimits, undefined, {
      onConnection: (socket) => limits.onConnection(socket),
      onUnsecured: () => {},
      onBroken: (_error, stream) => stream.destroy(),
      onTunnel: (stream) => stream.destroy(),
    });
    const server = servers.create((request, response) => {
      const isIn = limits.enter(request) === undefined;
      response.writeHead(isIn ? 200 : 429, { connection: "close", "content-length": "0" }).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const streams: Socket[] = [];
    // One after another, so that each is counted when the next one comes.
    for (let count = 0; count < 21; count += 1) streams.push(await dial(url));
    open.push(...streams);
    const heard = await Promise.all(
      streams.map((stream) => {
        stream.write(get("/"));
        return readExchange(stream);
      }),
    );
    expect(heard.map(describeExchange)).toEqual([
      ...Array.from({ length: 3 }, () => "200"),
      ...Array.from({ length: 16 }, () => "429"),
      "nothing",
      "nothing",
    ]);
    await until(() => limits.size === 0, "all are gone");
    expect(describeExchange(await exchange(url, get("/")))).toBe("200");
    server.close();
  });
});

describe("sockets behind a proxy", () => {
  const bench = useToneServer({ trustProxy: "127.0.0.1", maxConnectionsPerAddress: "2" });
  const connect = async (address: string): Promise<Socket> => {
    const stream = await dial(bench.server.url);
    open.push(stream);
    stream.write(upgrade({ "x-forwarded-for": address }));
    await once(stream, "data");
    return stream;
  };
  const ask = (address: string): Promise<string> =>
    exchange(bench.server.url, get("/v1/models", { "x-forwarded-for": address })).then(
      describeExchange,
    );

  it("are those of the address that the proxy names", async () => {
    const first = await connect("192.0.2.7");
    await connect("192.0.2.7");
    expect(bench.server.server.sessions).toBe(2);
    const third = await exchange(bench.server.url, upgrade({ "x-forwarded-for": "192.0.2.7" }));
    expect(describeExchange(third)).toBe("429 too_many_connections");
    expect(third.answers[0]?.headers["retry-after"]).toBe("1");
    expect(await ask("192.0.2.7")).toBe("429 too_many_connections");
    expect(await ask("192.0.2.8")).toBe("200");
    // Whatever stands before what the proxy has added is the client's own.
    expect(await ask("192.0.2.8, 192.0.2.7")).toBe("429 too_many_connections");
    first.destroy();
    await until(() => bench.server.server.sessions === 1, "one has gone");
    expect(await ask("192.0.2.7")).toBe("200");
    expect(await ask("192.0.2.7")).toBe("200");
  });
});
