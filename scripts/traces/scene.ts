import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SettingName, settingRows } from "../../src/settings.ts";
import { createLogger } from "../../src/transport/log.ts";
import { type BuiltServer, startBuiltServer } from "../../test/cli/built.ts";
import { createCertificate } from "../../test/conformance/certificate.ts";
import { startServer, testKey } from "../../test/support/server.ts";
import { createEngine, type EngineKind } from "./engines.ts";
import type { Middle } from "./proxies.ts";
import { type Ask, recordedCauses } from "./recorded-causes.ts";

/** What a fault needs of a server. */
export interface ServerNeeds {
  /** In this process, where its view of each end is known; in one of its own, to be killed; or none. */
  readonly place?: "here" | "process" | "nowhere";
  readonly flags?: Partial<Record<SettingName, string>>;
  readonly engine?: EngineKind;
  readonly isTls?: boolean;
}

/** One server, and what belongs to one recording. */
export interface Scene {
  readonly url: string;
  readonly wsUrl: string;
  /** Of the server, with all rights. */
  readonly key: string;
  /** In PEM, if it has one. */
  readonly certificate: string;
  /** What the server has recorded, as soon as one of the `wanted` is among it. */
  told(wanted: readonly string[]): Promise<readonly string[]>;
  /** The server, where it is a process of its own. */
  readonly process: ChildProcess | undefined;
  /** The client, once it runs. */
  client: ChildProcess | undefined;
  readonly ask: Ask;
  /** Is closed with the scene. */
  keep(middle: Promise<Middle>): Promise<Middle>;
  close(): Promise<void>;
}

/** Starts what a fault needs. */
export async function openScene(needs: ServerNeeds = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "syrinx-traces-"));
  const flags = { leadSeconds: "10", workers: "1", drainSeconds: "0", ...needs.flags };
  const { cert, key } = createCertificate();
  if (needs.isTls) {
    Object.assign(flags, { tlsCert: join(folder, "cert.pem"), tlsKey: join(folder, "key.pem") });
    await writeFile(flags.tlsCert ?? "", cert);
    await writeFile(flags.tlsKey ?? "", key);
  }
  const server = await start({ ...needs, flags });
  const middles: Middle[] = [];
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { "xi-api-key": testKey, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, string>;
  };
  return {
    url: server.url,
    wsUrl: server.url.replace(/^http/, "ws"),
    key: testKey,
    certificate: cert,
    told: (wanted) => recordedCauses(ask, wanted),
    process: server.process,
    client: undefined,
    ask,
    async keep(middle) {
      middles.push(await middle);
      return middle;
    },
    async close() {
      for (const middle of middles) middle.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly url: string;
  readonly process: ChildProcess | undefined;
  close(): Promise<void>;
}

async function start(needs: ServerNeeds): Promise<Started> {
  switch (needs.place ?? "here") {
    case "nowhere":
      return { url: "http://127.0.0.1:9", process: undefined, close: () => Promise.resolve() };
    case "process":
      return startProcess(needs);
    case "here": {
      const server = await startServer({
        engines: [createEngine(needs.engine ?? "usual")],
        flags: needs.flags ?? {},
        logger: createLogger("silent"),
        ...(needs.engine === "greedy" && { cpuMs: () => 0 }),
      });
      return { url: server.url, process: undefined, close: () => server.close() };
    }
  }
}

async function startProcess({ flags = {} }: ServerNeeds): Promise<Started> {
  const args = Object.entries(flags).flatMap(([name, value]) => [
    `--${settingRows[name as SettingName].flag}`,
    value,
  ]);
  const server: BuiltServer = await startBuiltServer({
    flags: args,
    env: { SYRINX_API_KEY: testKey },
  });
  return { url: server.url, process: server.running.child, close: () => server.close() };
}
