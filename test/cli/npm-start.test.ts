import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openStreamInput } from "../support/stream-input.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it.skipIf(process.platform === "win32")(
  "npm start passes SIGTERM on to the server, which drains (needs a POSIX shell)",
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "syrinx-npm-start-"));
    const args = ["start", "--", "--port", "0", "--auth", "off", "--data-dir", dataDir];
    const npm = spawn("npm", args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    const exited = once(npm, "exit");
    try {
      let printed = "";
      let url: string | undefined;
      for await (const part of npm.stdout) {
        printed += String(part);
        url = /speaks at (http:\S+)/.exec(printed)?.[1];
        if (url !== undefined) break;
      }
      const client = await openStreamInput(url?.replace(/^http/, "ws") ?? "", {
        voice: "flite-kal16",
      });
      npm.kill("SIGTERM");
      expect((await client.closed).code).toBe(1001);
      await exited;
      await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
    } finally {
      npm.kill("SIGKILL");
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);
