import { parentPort, workerData } from "node:worker_threads";
import { openStatements } from "./statements.ts";
import { codeOf } from "../store-fault.ts";
import type { ThreadAnswer, ThreadFailure, ThreadQuestion } from "./connection.ts";

const port = parentPort;
if (!port) throw new Error("This module runs in a thread");

const { path } = workerData as { readonly path: string };

/** What the library throws cannot be passed to another thread as it is. */
function attempt<Result>(work: () => Result): Result | ThreadFailure {
  try {
    return work();
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error), code: codeOf(error) };
  }
}

const statements = attempt(() => openStatements(path));
if ("failure" in statements) {
  port.postMessage(statements satisfies ThreadAnswer);
} else {
  port.on("message", ({ sql, parameters }: ThreadQuestion) => {
    port.postMessage(attempt(() => statements.run(sql, parameters)) satisfies ThreadAnswer);
  });
  port.postMessage({ rows: [], changes: 0 } satisfies ThreadAnswer);
}
