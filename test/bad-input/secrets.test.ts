import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, connect } from "node:net";
import { once } from "node:events";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

// The whole run is looked through (test/support/secrets-report.ts). This shows that it sees anything at all.
const watch = fileURLToPath(new URL("../support/secrets-watch.mjs", import.meta.url));
const key = `sk_${"0123456789abcdef".repeat(4)}`;
const token = `sutkn_${"aB3-_".repeat(8)}xyz`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "syrinx-secrets-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is reported of a program. */
function reportOf(program: string): string {
  const report = join(folder, "report.txt");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", `import { appendFileSync } from "node:fs";${program}`],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], SECRETS_REPORT: report, NODE_OPTIONS: `--import=${watch}` },
    },
  );
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  return readFileSync(report, { encoding: "utf8", flag: "a+" });
}

it("a secret in a log is found", () => {
  expect(reportOf(`process.stderr.write("GET /?authorization=${key} 200");`)).toContain(
    "standard error",
  );
});

it("a secret that a server answers with is found, unless it has just been made", () => {
  const answer = (body: string): string => `
    import { createServer } from "node:http";
    const server = createServer((_request, response) => response.end(${JSON.stringify(body)}));
    server.listen(0, "127.0.0.1", async () => {
      await (await fetch("http://127.0.0.1:" + server.address().port)).text();
      server.close();
    });`;
  expect(reportOf(answer(`{"url":"/?token=${token}"}`))).toContain("socket");
  rmSync(join(folder, "report.txt"), { force: true });
  expect(reportOf(answer(`{"xi_api_key":"${key}"}`))).toBe("");
});

it("what a client sends is its own affair", async () => {
  const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const before = readFileSync(process.env["SECRETS_REPORT"] ?? "", "utf8");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(key);
  await once(socket, "close");
  server.close();
  expect(readFileSync(process.env["SECRETS_REPORT"] ?? "", "utf8")).toBe(before);
});
