import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * The port, or one that nobody has in the place of 0, after it was listened on for a moment.
 * @throws what keeps it from being listened on
 */
export async function probePort(host: string, port: number): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return found;
}
