import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What stands between a client and a server, or in the place of one. */
export interface Middle {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  close(): void;
}

/** Two frames without a payload, one of them masked (RFC 6455 section 5.2). */
const largestPingBytes = 8;

/** What a proxy does to connections; what is left out it does not. */
export interface ProxyHabits {
  /** Drops a connection on which nothing but pings came for so long. */
  readonly idleSeconds?: number;
  /** Drops it after so much of what the server says. */
  readonly cutAfterBytes?: number;
  /** Passes on no more than this of what the server says. */
  readonly muteAfterBytes?: number;
  /** Whether it drops with a reset instead of an end. */
  readonly resets?: boolean;
}

/** A TCP proxy before the server at `target`, an http or ws address. */
export async function openProxy(target: string, habits: ProxyHabits): Promise<Middle> {
  const port = Number(new URL(target).port);
  return listen((client) => {
    const server = connect(port, "127.0.0.1");
    let passedBytes = 0;
    const drop = (): void => {
      clearTimeout(timer);
      if (habits.resets) client.resetAndDestroy();
      else client.end();
      server.destroy();
    };
    const { idleSeconds } = habits;
    const timer =
      idleSeconds === undefined ? undefined : setTimeout(drop, idleSeconds * 1000).unref();
    client.on("data", (bytes) => {
      if (bytes.length > largestPingBytes) timer?.refresh();
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (bytes.length > largestPingBytes) timer?.refresh();
      passedBytes += bytes.length;
      if (passedBytes <= (habits.muteAfterBytes ?? Number.POSITIVE_INFINITY)) client.write(bytes);
      if (passedBytes > (habits.cutAfterBytes ?? Number.POSITIVE_INFINITY)) drop();
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.end());
    client.on("error", drop);
    server.on("error", drop);
  });
}

/** Takes connections and never answers. */
export const openBlackHole = (): Promise<Middle> =>
  listen((client) => {
    client.on("error", () => client.destroy());
    client.resume();
  });

/** Answers every request, for a socket or not, with a page, as proxies and parked hosts do. */
export function openWebPage(status: number, title: string): Promise<Middle> {
  const page = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  const server = createHttpServer((_request, response) => {
    response.writeHead(status, {
      server: "nginx",
      "content-type": "text/html",
      connection: "close",
    });
    response.end(page);
  });
  return opened(server);
}

/** A port of this machine where nobody listens. */
export async function findClosedPort(): Promise<number> {
  const middle = await listen(() => {});
  middle.close();
  return Number(new URL(`http://${middle.host}`).port);
}

const listen = (take: (client: Socket) => void): Promise<Middle> => opened(createServer(take));

async function opened(server: Server): Promise<Middle> {
  const clients = new Set<Socket>();
  server.on("connection", (client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}
