import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadResult } from "../src/load/run.ts";
import type { Target } from "../src/load/wire.ts";
import type { SettingName } from "../src/settings.ts";

/** What a measured server process is asked and answers over its IPC channel. */
export type ProcessRequest =
  | { readonly type: "memory" }
  | { readonly type: "cpu" }
  | { readonly type: "stop" };
export type ProcessAnswer =
  | { readonly type: "ready"; readonly url: string }
  | { readonly type: "memory"; readonly rssBytes: number }
  | { readonly type: "cpu"; readonly cpuMs: number };

/** A server in a process of its own, so that what is measured is only the server. */
export interface ServerProcess {
  readonly url: string;
  /** Resident memory after a garbage collection. */
  rssBytes(): Promise<number>;
  /** CPU time of all its threads since it was started. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a server with settings of its own beside those of benchmarks. */
export const startSyrinx = (
  flags: Readonly<Partial<Record<SettingName, string>>>,
): Promise<ServerProcess> =>
  startServerProcess("syrinx-process.js", [
    "flite",
    ...Object.entries(flags).map(([name, value]) => `${name}=${value}`),
  ]);

/** Starts `script` of this folder; it answers `ready` when it listens. */
export async function startServerProcess(
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    // The young generation as small as `npm start` makes it.
    env: { ...process.env, ...env },
    execArgv: ["--expose-gc", "--max-semi-space-size=4"],
  });
  child.once("exit", (code) => {
    if (code !== 0) throw new Error(`${script} ended with ${code}`);
  });
  const { url } = await answerOf(child, "ready");
  return {
    url,
    async rssBytes() {
      child.send({ type: "memory" } satisfies ProcessRequest);
      return (await answerOf(child, "memory")).rssBytes;
    },
    async cpuMs() {
      child.send({ type: "cpu" } satisfies ProcessRequest);
      return (await answerOf(child, "cpu")).cpuMs;
    },
    async stop() {
      child.send({ type: "stop" } satisfies ProcessRequest);
      await once(child, "exit");
    },
  };
}

async function answerOf<Type extends ProcessAnswer["type"]>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<ProcessAnswer, { type: Type }>> {
  for (;;) {
    const [answer] = (await once(child, "message")) as [ProcessAnswer];
    if (answer.type === type) return answer as Extract<ProcessAnswer, { type: Type }>;
  }
}

/** Paced conversations, for a while. */
export interface Conversations {
  readonly target: Target;
  readonly conversations: number;
  /** After so long no turn begins any more. */
  readonly durationMs: number;
}

/** A load generator in a process of its own, which is warm after its first run. */
export interface LoadProcess {
  run(load: Conversations): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts a load generator. */
export function startLoadProcess(): LoadProcess {
  const child = fork(fileURLToPath(new URL("load-process.js", import.meta.url)), [], {
    // What it receives is no part of its heap, which would be collected twice a second for it.
    execArgv: ["--initial-heap-size=512"],
    serialization: "advanced",
  });
  const ended = new AbortController();
  child.once("exit", () => ended.abort());
  return {
    async run(load) {
      child.send(load);
      const [result] = (await once(child, "message", { signal: ended.signal })) as [LoadResult];
      return result;
    },
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}
