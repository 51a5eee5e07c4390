import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { CommandError } from "./errors.ts";

/** A server that runs for this command only. */
export interface MeasuredServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts measured-server.ts in a process of its own. @throws {CommandError} when it does not start */
export async function startMeasuredServer(): Promise<MeasuredServer> {
  const entry = createRequire(import.meta.url).resolve("#measured-server");
  const child = fork(entry, { execArgv: ["--max-semi-space-size=4"], stdio: "ignore" });
  const exited = once(child, "exit");
  const [url] = (await Promise.race([
    once(child, "message"),
    exited.then(() => {
      throw new CommandError(
        "The server to be measured did not start: try syrinx serve and --url.",
      );
    }),
  ])) as [string];
  return {
    url,
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
