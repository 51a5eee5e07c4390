import { appendFileSync } from "node:fs";
import { Socket } from "node:net";
import { Writable } from "node:stream";

/** Where what was found is written to; set by `secrets-report.ts` for all processes of a run. */
const reportFile = process.env["SECRETS_REPORT"];

/** The key of test servers, every key and token that a server makes. */
const secrets = /sk_test_0123456789abcdef0123456789abcdef|sk_[0-9a-f]{64}|sutkn_[\w-]{43}/g;
/** How a new secret is shown to whoever asked for it. */
const shown = /"(?:xi_api_key|token)":"$/;

/** Reports every secret in what a server writes, but where it is made and shown once. */
export function lookForSecrets(chunk, where) {
  const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
  for (const { index } of text.matchAll(secrets)) {
    if (shown.test(text.slice(Math.max(0, index - 20), index))) continue;
    const around = text.slice(Math.max(0, index - 80), index + 12).replaceAll(/\s+/g, " ");
    if (reportFile) appendFileSync(reportFile, `${where}: ...${around}...\n`);
  }
}

/** Takes a log and keeps nothing of it. */
export const watchedLog = new Writable({
  write(chunk, _encoding, done) {
    lookForSecrets(chunk, "log");
    done();
  },
});

const isWatched = Symbol.for("syrinx.secretsWatch");

function watchWrites(stream, where) {
  const { write } = stream;
  stream.write = function (chunk, ...others) {
    const isOurs = where !== "socket" || Boolean(this.server);
    if (isOurs && (typeof chunk === "string" || chunk instanceof Uint8Array)) {
      lookForSecrets(chunk, where);
    }
    return write.call(this, chunk, ...others);
  };
}

if (!Socket.prototype[isWatched]) {
  Socket.prototype[isWatched] = true;
  // What servers write to whoever has connected; a client's sockets have no server.
  watchWrites(Socket.prototype, "socket");
  watchWrites(process.stderr, "standard error");
}
