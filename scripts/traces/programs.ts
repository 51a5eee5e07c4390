import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Scene } from "./scene.ts";

/** Longest that any client runs. */
const limitMs = 120_000;

/** Path of one of the client programs. */
export const clientProgram = (name: string): string =>
  fileURLToPath(new URL(`clients/${name}`, import.meta.url));

/** The same for those whose libraries belong to `test/interop`. */
export const interopProgram = (name: string): string =>
  fileURLToPath(new URL(`../../test/interop/clients/${name}`, import.meta.url));

/**
 * Runs a program with a job on its standard input, and resolves with all that it prints, in the order
 * in which it does.
 */
export async function runProgram(
  scene: Scene,
  [command, ...args]: readonly [string, ...string[]],
  job: object = {},
): Promise<string> {
  const child = spawn("sh", ["-c", 'exec "$0" "$@" 2>&1', command, ...args], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  });
  scene.client = child;
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  // One that fails at once does not read its job.
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(job));
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    child.kill("SIGKILL");
  }, limitMs);
  await once(child, "close");
  clearTimeout(timer);
  if (isOverdue) throw new Error(`it has not ended\n${printed}`);
  return printed;
}
