import { createServer } from "../server.ts";
import { readSettings } from "../settings.ts";

// The server that `syrinx bench` starts when it is given none: in a process of its own, so that its
// work is not counted as the generator's. It ends with the process that started it.

const flags = {
  host: "127.0.0.1",
  port: "0",
  auth: "off",
  database: "memory",
  history: "off",
  drainSeconds: "0",
  logLevel: "silent",
};
// Streams say the same texts: what is measured is speech that is made, not kept.
const server = await createServer(readSettings({ flags: { ...flags, cacheMib: "0" } }));
// An interrupted terminal tells the whole group; the generator still has to close its sockets.
process.on("SIGINT", () => {});
process.once("disconnect", () => void server.close().finally(() => process.exit()));
process.send?.(server.url);
