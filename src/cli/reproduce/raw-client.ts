import { connect } from "node:net";

/** A TCP connection to a server, over which anything may be said. */
export interface RawClient {
  readonly isClosed: boolean;
  write(bytes: string): void;
}

/** Connects to the server of a URL. `onSeen` is told what its user would see. */
export function openRaw(url: string, onSeen: (line: string) => void): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const stream = connect(Number(port), hostname);
    let received = "";
    let isClosed = false;
    stream.setEncoding("latin1");
    stream.on("data", (part: string) => {
      received += part;
    });
    stream.once("close", () => {
      isClosed = true;
      const [head = "", body = ""] = received.split("\r\n\r\n");
      const [statusLine = ""] = head.split("\r\n");
      onSeen(received === "" ? "nothing: the connection was closed" : `${statusLine}: ${body}`);
    });
    // Of one that is open its close tells.
    stream.on("error", reject);
    stream.once("connect", () =>
      resolve({
        get isClosed() {
          return isClosed;
        },
        write: (bytes) => void stream.write(bytes, "latin1"),
      }),
    );
  });
}

/** An HTTP/1.1 request up to its body. */
export function rawRequest(line: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
