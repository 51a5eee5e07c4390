import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { platform } from "node:os";
import { expect, it } from "vitest";
import { parseKernelQueues, readKernelQueues } from "./kernel-queues.ts";

const tables = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1116882 1
   1: 0100007F:1F90 0A01A8C0:D431 01 0027AC40:00000000 01:00000014 00000000     0        0 1098011 1
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C001 01 00000010:00000000 00:
   1: B80D0120000000000000000001000000:1F90 B80D0120000000000000000002000000:C002 01 00000020:00000000 00:
`;

it.each([
  [0x27ac40, "192.168.1.10", 0xd431],
  [0x10, "::ffff:127.0.0.1", 0xc001],
  [0x20, "2001:db8::2", 0xc002],
  [undefined, "192.168.1.11", 0xd431],
])("finds %o bytes to %s, port %i", (queued, remoteAddress, remotePort) => {
  const ends = { localPort: 8080, remoteAddress, remotePort };
  expect(parseKernelQueues(tables).of(ends)).toBe(queued);
});

it("knows nothing of a connection that is closed", () => {
  expect(parseKernelQueues(tables).of({ localPort: undefined })).toBeUndefined();
});

it.skipIf(platform() !== "linux")("finds what a peer has not taken", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.pause();
  const [socket] = (await once(server, "connection")) as [Socket];
  expect((await readKernelQueues()).of(socket)).toBe(0);
  socket.write(Buffer.alloc(64 * 1024 * 1024));
  await expect.poll(async () => (await readKernelQueues()).of(socket)).toBeGreaterThan(0);
  client.destroy();
  socket.destroy();
  server.close();
});
