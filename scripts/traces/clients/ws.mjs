// A program with the `ws` library, as applications have one: it says what the job on standard input
// lists, and prints what its style prints.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { recorders } from "./recorders.mjs";
import { reporters } from "./reporters.mjs";

const job = JSON.parse(await text(process.stdin));
const report = { ...reporters, ...recorders }[job.style](job);
const spoken = (message) => (typeof message === "string" ? message : JSON.stringify(message));

report.connecting?.(job.url);
const socket = new WebSocket(job.url, {
  perMessageDeflate: false,
  headers: job.headers,
  ...job.options,
});
const waiting = new Set();
let closedByUs = false;
let isOver = false;

const closed = new Promise((resolve) => {
  socket.on("close", (code, reason) => {
    report.closed?.(code, reason.toString(), closedByUs);
    isOver = true;
    for (const each of waiting) each.resolve();
    resolve();
  });
});
socket.on("message", (data) => {
  const message = data.toString();
  report.received?.(message);
  for (const each of waiting) if (message.includes(each.words)) each.resolve();
});
if (report.failed) socket.on("error", (error) => report.failed(error));
if (report.refused) {
  const tell = async (request, response) => {
    report.refused(response, await text(response));
    request.destroy();
    report.ended?.();
    process.exit(1);
  };
  socket.on("unexpected-response", (request, response) => void tell(request, response));
}

const acts = {
  send(message) {
    report.sent?.(spoken(message));
    socket.send(spoken(message), (error) => error && report.failed?.(error));
  },
  bytes(hex) {
    report.sent?.(`<Buffer ${hex}>`);
    socket.send(Buffer.from(hex, "hex"));
  },
  wait: (seconds) => sleep(seconds * 1000),
  until: (words) => isOver || new Promise((resolve) => waiting.add({ words, resolve })),
  closed: () => closed,
  close(code, reason) {
    closedByUs = true;
    socket.close(code, reason);
  },
  terminate: () => socket.terminate(),
  pause: () => socket.pause(),
  resume: () => socket.resume(),
  note: (words) => report.note?.(words),
};

async function talk() {
  for (const [act, ...details] of job.steps) await acts[act](...details);
}

process.once("SIGTERM", () => {
  report.note?.("SIGTERM received, shutting down");
  socket.terminate();
});

let talking = Promise.resolve();
socket.on("open", () => {
  report.open?.();
  talking = talk();
});
await closed;
// What fails because of the end is told later, in some programs when they speak again.
await Promise.race([talking, sleep(3000)]);
await sleep(100);
report.ended?.();
process.exit(0);
