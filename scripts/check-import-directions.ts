import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Which rooms each room may import from, besides itself. Files directly in `src` are rooms of
 * their own. ARCHITECTURE.md explains the order.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  "clock.ts": [],
  "version.ts": [],
  "addresses.ts": [],
  "order.ts": [],
  "wasm-assembler.ts": [],
  "base64.ts": ["wasm-assembler.ts"],
  "timer-queue.ts": ["clock.ts"],
  audio: ["protocol", "clock.ts", "order.ts", "wasm-assembler.ts"],
  text: ["protocol"],
  store: ["protocol", "clock.ts"],
  accounts: ["protocol", "clock.ts", "addresses.ts"],
  dialect: ["protocol", "base64.ts"],
  engine: ["protocol", "clock.ts", "order.ts", "audio", "text"],
  voices: ["protocol", "clock.ts", "engine"],
  session: ["protocol", "clock.ts", "timer-queue.ts", "audio", "text", "engine"],
  transport: [
    "protocol",
    "clock.ts",
    "base64.ts",
    "timer-queue.ts",
    "addresses.ts",
    "audio",
    "session",
  ],
  telemetry: ["protocol"],
  "svg-plot.ts": [],
  why: ["protocol"],
  explain: ["protocol", "clock.ts", "svg-plot.ts"],
  load: ["protocol", "clock.ts", "audio", "svg-plot.ts"],
  "catalogue.ts": ["protocol"],
  "settings.ts": ["addresses.ts", "transport"],
  "server-key.ts": ["protocol", "settings.ts"],
  "open-records.ts": ["protocol", "clock.ts", "settings.ts", "store"],
  "open-accounts.ts": [
    "protocol",
    "clock.ts",
    "addresses.ts",
    "settings.ts",
    "server-key.ts",
    "accounts",
    "transport",
  ],
  "engines.ts": ["protocol", "engine", "settings.ts"],
  "server.ts": ["*"],
  processes: ["*"],
  "index.ts": ["*"],
  cli: ["*"],
};

/** Libraries that only these rooms, or files of them, may know. */
const onlyIn: Readonly<Record<string, string | readonly string[]>> = {
  kysely: "store",
  libsql: "store/sqlite/statements.ts",
  pg: "store/postgres.ts",
  ws: [
    "transport",
    "load/client-socket.ts",
    "engine/remote/client-socket.ts",
    "cli/reproduce/socket-client.ts",
    "cli/why-url/probe-socket.ts",
  ],
  // http.ts and its parts http-request.ts and http-answer.ts
  fastify: "transport/http",
  "@fastify/cors": "transport/http.ts",
  "@fastify/multipart": "transport/http.ts",
  fflate: "transport/zip.ts",
  "fast-xml-parser": "dialect/elevenlabs/pls.ts",
  "find-my-way": "transport/ws.ts",
  pino: "transport/log.ts",
  "pino-pretty": "transport/log.ts",
  "wasm-media-encoders": "audio/mp3.ts",
  "@evan/opus/wasm/opus": "audio/opus.ts",
  "mpg123-decoder": "audio/mp3-decoder.ts",
  "modern-tar": "voices/read-tar.ts",
  "unbzip2-stream": "voices/read-archive.ts",
  yauzl: "voices/read-zip.ts",
  "any-ascii": "text/fold.ts",
  "prom-client": "telemetry/prometheus.ts",
  "@opentelemetry/api": "telemetry/traces.ts",
  commander: [
    "cli/main.ts",
    "cli/voices-command.ts",
    "cli/keys-command.ts",
    "cli/db-command.ts",
    "cli/why-command.ts",
  ],
  "cli-progress": "cli",
};

const source = fileURLToPath(new URL("../src", import.meta.url));
const importPattern = /^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm;

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.name.endsWith(".ts") && !/\.(?:test|d)\.ts$/.test(entry.name)) yield path;
  }
}

const inSource = (path: string): string => relative(source, path).split(sep).join("/");
const roomOf = (path: string): string => inSource(path).split("/")[0] ?? "";

const faults: string[] = [];
for (const file of files(source)) {
  const room = roomOf(file);
  const allowed = mayImport[room];
  if (!allowed) faults.push(`${inSource(file)}: ${room} is no room; add it with its direction`);
  for (const match of readFileSync(file, "utf8").matchAll(importPattern)) {
    const target = match[1] ?? match[2] ?? "";
    if (target.startsWith(".")) {
      const other = roomOf(resolve(dirname(file), target));
      const isAllowed = other === room || allowed?.includes("*") || allowed?.includes(other);
      if (!isAllowed) faults.push(`${inSource(file)}: ${room} may not import from ${other}`);
    } else {
      const places = [onlyIn[target] ?? ""].flat();
      if (!places.some((place) => inSource(file).startsWith(place))) {
        faults.push(`${inSource(file)}: only ${places.join(", ")} may import ${target}`);
      }
    }
  }
}

for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
