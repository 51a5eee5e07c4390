import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  type ChildOrder,
  childPipes,
  decodeAnswer,
  encodeFrame,
  FrameReader,
} from "./child-frames.ts";
import { bulkNiceness, type PoolWorkerListener, type StartWorker } from "./pool-worker.ts";
import type { Pcm } from "./synthesizer.ts";

/** All that a child sees of the environment: no keys. */
const environment = [
  ...["PATH", "HOME", "TMPDIR", "TEMP", "TZ", "LANG", "LC_ALL", "SystemRoot"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"],
];
const maxLastWordsBytes = 4096;
const maxReasonChars = 300;

/**
 * Workers that are child processes: each runs the built module `entry`, which calls `serveJobs`
 * and is handed `own`. Both `own` and the jobs have to survive JSON.
 */
export function inChildren<Job>(entry: URL, own: unknown): StartWorker<Job, Pcm> {
  return (isExpress, listener) => {
    const child = spawn(process.execPath, ["--max-semi-space-size=4", fileURLToPath(entry)], {
      env: Object.fromEntries(environment.map((name) => [name, process.env[name]])),
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      // One that could not be started does not exit.
      child.once("error", () => resolve());
    });
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    const orders = child.stdio[childPipes.orders] as Writable;
    // It is told by its exit that a child is gone.
    orders.on("error", () => {});
    const tell = (order: ChildOrder<Job>): void => {
      orders.write(encodeFrame(order));
    };
    listenTo(child, listener, kill);
    tell({ type: "start", own, niceness: isExpress ? 0 : bulkNiceness });
    return {
      post: (job) => tell({ type: "job", job }),
      cancel: () => tell({ type: "cancel" }),
      end: () => {
        kill();
        return exited;
      },
    };
  };
}

function listenTo(child: ChildProcess, listener: PoolWorkerListener<Pcm>, kill: () => void): void {
  const reader = new FrameReader();
  let isReady = false;
  let lastWords = Buffer.alloc(0);
  child.stderr?.on("data", (words: Buffer) => {
    lastWords = Buffer.concat([lastWords, words]).subarray(-maxLastWordsBytes);
  });
  child.stdio[childPipes.answers]?.on("data", (chunk: Buffer) => {
    try {
      for (const frame of reader.read(chunk)) {
        const answer = decodeAnswer(frame);
        isReady ||= answer.type === "ready";
        listener.answer(answer);
      }
    } catch {
      kill();
      listener.gone("the process sent what is no answer");
    }
  });
  child.once("error", ({ message }) => listener.gone(message));
  // Once its pipes are empty: what it gave before it ended counts.
  child.once("close", (status, signal) => {
    const end = `the process ended with ${signal ?? `status ${status}`}`;
    // Later they might quote what it was to say.
    listener.gone(isReady ? end : `${end}${inOneLine(lastWords)}`);
  });
}

/** The last line of what somebody wrote, fit for a log. */
function inOneLine(words: Buffer): string {
  const lines = words.toString().split("\n").map(printable);
  const line = lines.findLast((each) => each !== "" && !isBoilerplate(each));
  return line === undefined ? "" : `: ${line.slice(0, maxReasonChars)}`;
}

const printable = (line: string): string => line.replaceAll(/\p{Cc}/gu, " ").trim();

/** What Node adds to the error that ended it. */
const isBoilerplate = (line: string): boolean => /^(?:Node\.js v|at |\}|\{|\^)/.test(line);
