import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createToneEngine } from "../../src/engine/tone.ts";
import { tlsLookMs } from "../../src/transport/tls-files.ts";
import { createCertificate } from "../conformance/certificate.ts";
import { ManualClock } from "../../src/clock.ts";
import { until } from "../property/until.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { dial, readExchange } from "./exchange.ts";

const [first, second] = [createCertificate("first.test"), createCertificate("second.test")];

describe("a server with a certificate", () => {
  const clock = new ManualClock();
  const lines: { readonly level: number; readonly msg: string; readonly reason?: string }[] = [];
  let folder: string;
  let test: TestServer;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "syrinx-certificates-"));
    await write(first.cert, first.key);
    test = await startServer({
      clock,
      engines: [createToneEngine()],
      logger: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
      flags: { tlsCert: join(folder, "cert.pem"), tlsKey: join(folder, "key.pem") },
      httpLimits: { handshakeMs: 200 },
    });
    port = Number(new URL(test.url).port);
  });
  afterAll(async () => {
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(cert: string, key: string): Promise<void> {
    await writeFile(join(folder, "cert.pem"), cert);
    await writeFile(join(folder, "key.pem"), key);
  }

  /** The name in the certificate that a new client is shown. */
  function shown(): Promise<string> {
    return new Promise((resolve, reject) => {
      const stream = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
        resolve(String(stream.getPeerCertificate().subject.CN));
        stream.destroy();
      });
      stream.on("error", reject);
    });
  }

  /** Lets the files be looked at, and what comes of it happen. */
  async function look(): Promise<void> {
    const waiting = clock.pending;
    clock.advance(tlsLookMs);
    await until(() => clock.pending >= waiting, "the files were read");
  }

  it("tells browsers to come back encrypted", async () => {
    const headers = await new Promise((resolve, reject) => {
      get(`${test.url}/health`, { rejectUnauthorized: false }, (answer) => {
        answer.resume();
        resolve(answer.headers);
      }).on("error", reject);
    });
    expect(headers).toMatchObject({
      "strict-transport-security": "max-age=31536000",
      "x-content-type-options": "nosniff",
    });
  });

  it("shows a new one when its files have changed, and no other while they are wrong", async () => {
    expect(await shown()).toBe("first.test");
    const old = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await new Promise((resolve) => old.once("secureConnect", resolve));
    await writeFile(join(folder, "cert.pem"), second.cert);
    for (let count = 0; count < 3; count += 1) await look();
    expect(await shown()).toBe("first.test");
    await writeFile(join(folder, "key.pem"), second.key);
    await look();
    expect(await shown()).toBe("second.test");
    // Whoever is connected already stays so.
    expect(old.destroyed).toBe(false);
    old.destroy();
    expect(lines.map(({ level, reason }) => [level, reason])).toEqual([
      [50, "the key is not that of the certificate"],
      [30, undefined],
    ]);
  });

  it("waits no longer for a handshake than for headers", async () => {
    const stream = await dial(test.url);
    const { text } = await readExchange(stream);
    expect(text).toBe("");
  });

  it("tells nothing to who speaks without encryption", async () => {
    const stream = await dial(test.url);
    stream.write("GET /health HTTP/1.1\r\nhost: a\r\n\r\n");
    const { answers } = await readExchange(stream);
    expect(answers).toEqual([]);
  });
});
