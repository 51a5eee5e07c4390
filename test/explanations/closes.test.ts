import { expect, it } from "vitest";
import { findCloses } from "../../scripts/closes.ts";

const places = (source: string): string[] =>
  findCloses("x.ts", source).map(({ line, within, call }) => `${line} ${call} in ${within}`);

it.each([
  ["a function", "function drop(socket) {\n  socket.terminate();\n}", "2 socket.terminate in drop"],
  [
    "a method",
    "class Peer {\n  #drop(): void {\n    this.#socket.close(1000);\n  }\n}",
    "3 #socket.close in #drop",
  ],
  [
    "something within a method",
    "class Peer {\n  async drop(code: number): Promise<void> {\n    if (code > 0) {\n      later(() => this.#socket.destroy());\n    }\n  }\n}",
    "4 #socket.destroy in drop",
  ],
  [
    "a member that is a function",
    "const peer = {\n  terminate: () => reply.raw.destroy(),\n};",
    "2 raw.destroy in terminate",
  ],
  [
    "nothing",
    "stream.once('error', () => stream.destroySoon());",
    "1 stream.destroySoon in the file itself",
  ],
  [
    "a function of many parameters",
    "function drop(\n  socket: Socket,\n  code: number,\n): void {\n  socket.close(code);\n}",
    "5 socket.close in drop",
  ],
  [
    "a constant",
    "const drop = (): void => {\n  stream?.destroy();\n};",
    "2 stream.destroy in drop",
  ],
])("finds what is closed in %s", (_where, source, place) => {
  expect(places(source)).toEqual([place]);
});

it.each([
  ["what is no socket", "function end() {\n  codec.close(problem);\n}"],
  ["a comment", "// socket.close() comes later\n/** Then `socket.destroy()`. */"],
  ["a name", "function destroy() {}\ninterface A { close(): void }"],
])("minds no %s", (_what, source) => {
  expect(places(source)).toEqual([]);
});
