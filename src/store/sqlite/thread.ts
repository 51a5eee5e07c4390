import { parentPort, workerData } from "node:worker_threads";
import { openStatements } from "./statements.ts";
import type { ThreadAnswer, ThreadQuestion } from "./connection.ts";

const port = parentPort;
if (!port) throw new Error("This module runs in a thread");

const statements = openStatements((workerData as { readonly path: string }).path);

port.on("message", ({ sql, parameters }: ThreadQuestion) => {
  port.postMessage(answer(sql, parameters));
});
port.postMessage({ rows: [], changes: 0 } satisfies ThreadAnswer);

function answer(sql: string, parameters: readonly unknown[]): ThreadAnswer {
  try {
    return statements.run(sql, parameters);
  } catch (error) {
    if (!(error instanceof Error)) return { failure: String(error), code: undefined };
    return { failure: error.message, code: "code" in error ? String(error.code) : undefined };
  }
}
