import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ClosingPlace, findCloses } from "./closes.ts";

/**
 * Where sockets and streams may be closed, terminated or destroyed: what closes one elsewhere would
 * end a connection without a record that says why.
 */
const allowed: readonly (ClosingPlace & { readonly because: string })[] = [
  {
    file: "announced-socket.ts",
    within: "close",
    because: "it passes on what its caller gives, who is looked for here, too",
  },
  {
    file: "connection-limits.ts",
    within: "onConnection",
    because: "nothing was asked on it yet, and others of its address were told",
  },
  {
    file: "heartbeat.ts",
    within: "#drop",
    because: "it tells the connection before: onSilent",
  },
  {
    file: "http-answer.ts",
    within: "readableOf",
    because: "it gives the cause to the call before: reader_stalled",
  },
  {
    file: "http-servers.ts",
    within: "create",
    because:
      "what is being answered has a record of its own, and what is not encrypted yet is no connection",
  },
  {
    file: "http-speech.ts",
    within: "terminate",
    because: "it gives the cause to the call before",
  },
  {
    file: "http.ts",
    within: "addGate",
    because: "the answer was sent, and what ended it is recorded; only its body still comes",
  },
  {
    file: "http.ts",
    within: "refuseStream",
    because: "the refusal was told of before",
  },
  {
    file: "refusal.ts",
    within: "refuse",
    because: "whoever refuses tells of it before",
  },
  {
    file: "socket-connection.ts",
    within: "#drop",
    because: "it has kept the cause, and gives it once more",
  },
  {
    file: "socket-connection.ts",
    within: "terminate",
    because: "it keeps the cause before",
  },
  {
    file: "socket-connection.ts",
    within: "#closeFor",
    because: "it keeps the cause before",
  },
  {
    file: "speech-service.ts",
    within: "dropAll",
    because: "the connection knows its cause: the server goes",
  },
  {
    file: "ws.ts",
    within: "lose",
    because: "it tells of the end before",
  },
  {
    file: "ws.ts",
    within: "destroyStream",
    because: "its client has gone before there was a connection",
  },
];

const transport = fileURLToPath(new URL("../src/transport", import.meta.url));
const files = readdirSync(transport).filter((file) => /(?<!\.test)\.ts$/.test(file));
const found = files.flatMap((file) =>
  findCloses(file, readFileSync(`${transport}/${file}`, "utf8")),
);

const isAt = (one: ClosingPlace, other: ClosingPlace): boolean =>
  one.file === other.file && one.within === other.within;
const faults = [
  ...found
    .filter((place) => !allowed.some((each) => isAt(each, place)))
    .map(
      ({ file, line, within, call }) =>
        `src/transport/${file}:${line}: ${call}() in ${within} closes a socket or stream: give its cause first, and name the place in scripts/check-closes.ts`,
    ),
  ...allowed
    .filter((each) => !found.some((place) => isAt(each, place)))
    .map(
      ({ file, within }) =>
        `scripts/check-closes.ts: nothing is closed in ${within} of ${file} any more`,
    ),
];
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
