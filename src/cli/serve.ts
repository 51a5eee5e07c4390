import { readFile } from "node:fs/promises";
import type { ServerProcesses } from "../processes/primary.ts";
import { readSettings, SettingError, type SettingName, type Settings } from "../settings.ts";
import { onceAskedToEnd } from "./end-signals.ts";

const defaultConfigFile = "syrinx.config.json";

/** Runs a server until SIGTERM or SIGINT. @throws {SettingError} for a bad setting */
export async function serve(
  flags: Readonly<Partial<Record<SettingName, string>>>,
  configFile: string | undefined,
): Promise<void> {
  const file = await readConfigFile(configFile);
  const settings = readSettings({ file, env: process.env, flags });
  const stopped = new Promise<void>((resolve) => void onceAskedToEnd(resolve));
  const server = await start(settings).catch((error: unknown) => {
    throw explainStart(error, settings);
  });
  process.stdout.write(`${readyLine(server, settings)}\n`);
  await stopped;
  await server.close();
}

/** One process is a server by itself. What the other case needs is not loaded: it takes memory. */
async function start(settings: Settings): Promise<ServerProcesses> {
  if (settings.processes === 1) {
    const { createServer } = await import("../server.ts");
    return createServer(settings);
  }
  const { createServerProcesses } = await import("../processes/primary.ts");
  return createServerProcesses(settings);
}

/** One line with the address, the key if it was made just now, and a command that speaks. */
function readyLine(server: ServerProcesses, settings: Settings): string {
  const { url, newKey, voices } = server;
  const key = newKey ?? (settings.auth === "on" ? "$SYRINX_API_KEY" : undefined);
  const header = key === undefined ? "" : `-H 'xi-api-key: ${key}' `.replace(/'(.*\$.*)'/, '"$1"');
  const shown =
    newKey !== undefined
      ? ` · key ${newKey} (shown once)`
      : key !== undefined
        ? " · key: as set, or as shown at the first start"
        : "";
  const voice = voices[0]?.slug ?? "";
  const speak = `curl -sSf ${header}-H 'content-type: application/json' -d '{"text":"Hello from Syrinx."}' -o hello.mp3 ${url}/v1/text-to-speech/${voice}`;
  return `Syrinx speaks at ${url}${shown} · try: ${speak}`;
}

/** What the file says, by default the one in this folder. @throws {SettingError} if it cannot be read */
export async function readConfigFile(path: string | undefined): Promise<unknown> {
  const text = await readFile(path ?? defaultConfigFile, "utf8").catch(() => undefined);
  if (text === undefined) {
    if (path === undefined) return undefined;
    throw new SettingError(`The configuration file ${path} cannot be read.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingError(`The configuration file ${path ?? defaultConfigFile} is not JSON.`);
  }
}

function explainStart(error: unknown, { host, port }: Settings): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new SettingError(`Port ${port} is taken: stop what uses it, or choose another --port.`);
  }
  if (code === "EACCES") return new SettingError(`Port ${port} may not be used by this user.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new SettingError(`This machine has no address ${host}: choose another --host.`);
  }
  return error;
}
