import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built command line. */
const entry = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Invocation {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly cwd?: string;
  /** For Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the first line on standard output; rejects if the command ends without one. */
  readonly firstLine: Promise<string>;
  /** Standard error so far. */
  readonly stderr: () => string;
  readonly ended: Promise<Outcome>;
}

/** A folder of its own, for what a command reads and writes. */
export function createFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "syrinx-cli-"));
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** Starts the built command with nothing of the caller's environment but its path. */
export function start(args: readonly string[], invocation: Invocation = {}): Running {
  const child = spawn(process.execPath, [...(invocation.nodeFlags ?? []), entry, ...args], {
    cwd: invocation.cwd ?? tmpdir(),
    // Whether espeak-ng is installed must make no difference.
    env: { PATH: process.env["PATH"], SYRINX_ESPEAK: "off", ...invocation.env },
  });
  // A command that ends before it has read everything is judged by its exit code.
  child.stdin.on("error", () => {});
  child.stdin.end(invocation.input ?? "");
  const stdout: Buffer[] = [];
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(([code, signal]): Outcome => {
    return { code, signal, stdout: Buffer.concat(stdout), stderr };
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (part: Buffer) => {
      stdout.push(part);
      const [line, ...more] = Buffer.concat(stdout).toString().split("\n");
      if (line !== undefined && more.length > 0) resolve(line);
    });
    ended.then(() => reject(new Error(`it ended without a line: ${stderr}`)), reject);
  });
  // Most commands are judged by their end; then nobody waits for the line.
  firstLine.catch(() => {});
  return { child, firstLine, stderr: () => stderr, ended };
}

export function run(args: readonly string[], invocation?: Invocation): Promise<Outcome> {
  return start(args, invocation).ended;
}

/** `syrinx serve` in a process of its own, ready. */
export interface BuiltServer {
  readonly readyLine: string;
  readonly url: string;
  readonly wsUrl: string;
  /** The key it printed, or the one it was given. */
  readonly key: string;
  readonly dataDir: string;
  readonly running: Running;
  /** Ends the process if it has not ended, and removes its folder. */
  close(): Promise<void>;
}

export interface BuiltServerOptions extends Invocation {
  readonly flags?: readonly string[];
  /** Kept after `close`; one of the server's own, removed by it, if absent. */
  readonly dataDir?: string;
}

export async function startBuiltServer(options: BuiltServerOptions = {}): Promise<BuiltServer> {
  const { flags = [], env, dataDir: given } = options;
  const dataDir = given ?? (await createFolder());
  // Nobody is refused because the machine is busy, unless a test wants it so.
  const own = ["--port", "0", "--data-dir", dataDir, "--overload", "admit"];
  const running = start(["serve", ...own, ...flags], {
    cwd: dataDir,
    ...options,
  });
  const close = async (): Promise<void> => {
    running.child.kill("SIGKILL");
    await running.ended;
    if (given === undefined) await removeFolder(dataDir);
  };
  try {
    const readyLine = await running.firstLine;
    const url = /speaks at (https?:\/\/[^\s]+)/.exec(readyLine)?.[1] ?? "";
    const printed = /key (sk_[0-9a-f]+) \(shown once\)/.exec(readyLine)?.[1];
    const key = printed ?? env?.["SYRINX_API_KEY"] ?? "";
    return { readyLine, url, wsUrl: url.replace("http", "ws"), key, dataDir, running, close };
  } catch (error) {
    await close();
    throw error;
  }
}
