import { describe, expect, it } from "vitest";
import { createWasiProgram, ProgramExit, type WasiProgram } from "./wasi.ts";

const folder = 3;
const create = 1;

/** The program's memory, and its imports as it would call them. */
function attach(): {
  readonly wasi: WasiProgram;
  readonly memory: Buffer;
  readonly call: (name: string, ...args: (number | bigint)[]) => unknown;
} {
  const wasi = createWasiProgram();
  const buffer = new ArrayBuffer(65_536);
  wasi.attach({ buffer });
  const functions = wasi.imports["wasi_snapshot_preview1"] ?? {};
  return {
    wasi,
    memory: Buffer.from(buffer),
    call: (name, ...args) => functions[name]?.(...(args as never[])),
  };
}

/** Opens `out` and gives its descriptor. */
function open({ memory, call }: ReturnType<typeof attach>, flags: number): number {
  memory.write("out", 1000);
  const status = call("path_open", folder, 0, 1000, 3, flags, 0n, 0n, 0, 2000);
  return status === 0 ? memory.readUInt32LE(2000) : -Number(status);
}

/** Puts a list of one stretch of memory at 100. */
function stretch(memory: Buffer, at: number, length: number): void {
  memory.writeUInt32LE(at, 100);
  memory.writeUInt32LE(length, 104);
}

describe("the system interface", () => {
  it("hands over the arguments", () => {
    const { wasi, memory, call } = attach();
    wasi.prepare(["flite", "-t", "é"]);
    expect(call("args_sizes_get", 0, 4)).toBe(0);
    expect(memory.readUInt32LE(0)).toBe(3);
    expect(memory.readUInt32LE(4)).toBe(6 + 3 + 3);
    expect(call("args_get", 16, 64)).toBe(0);
    expect(memory.subarray(64, 76).toString()).toBe("flite\0-t\0é\0");
    expect(memory.readUInt32LE(20)).toBe(70);
  });

  it("keeps what is written to a file, also over what was there", () => {
    const program = attach();
    const { wasi, memory, call } = program;
    wasi.prepare([]);
    const descriptor = open(program, create);
    memory.write("hello", 500);
    stretch(memory, 500, 5);
    expect(call("fd_write", descriptor, 100, 1, 0)).toBe(0);
    expect(memory.readUInt32LE(0)).toBe(5);
    expect(call("fd_seek", descriptor, 1n, 0, 8)).toBe(0);
    memory.write("E", 500);
    stretch(memory, 500, 1);
    call("fd_write", descriptor, 100, 1, 0);
    expect(Buffer.from(wasi.read("out") ?? []).toString()).toBe("hEllo");
    expect(call("fd_seek", descriptor, -2n, 2, 8)).toBe(0);
    stretch(memory, 600, 10);
    expect(call("fd_read", descriptor, 100, 1, 0)).toBe(0);
    expect(memory.subarray(600, 600 + memory.readUInt32LE(0)).toString()).toBe("lo");
    expect(call("fd_close", descriptor)).toBe(0);
    expect(call("fd_close", descriptor)).not.toBe(0);
  });

  it("holds files of any size", () => {
    const program = attach();
    const { wasi, memory, call } = program;
    wasi.prepare([]);
    const descriptor = open(program, create);
    memory.fill(7, 1000, 33_000);
    stretch(memory, 1000, 32_000);
    for (let part = 0; part < 10; part += 1) call("fd_write", descriptor, 100, 1, 0);
    expect(wasi.read("out")?.length).toBe(320_000);
    expect(wasi.read("out")?.every((byte) => byte === 7)).toBe(true);
  });

  it("collects standard output, and forgets it and the files before the next run", () => {
    const program = attach();
    const { wasi, memory, call } = program;
    wasi.prepare([]);
    memory.write("a:1 ", 500);
    stretch(memory, 500, 4);
    call("fd_write", 1, 100, 1, 0);
    call("fd_write", 1, 100, 1, 0);
    open(program, create);
    expect(wasi.output()).toBe("a:1 a:1 ");
    wasi.prepare([]);
    expect(wasi.output()).toBe("");
    expect(wasi.read("out")).toBeUndefined();
  });

  it("has the files it is provided with, for one run", () => {
    const program = attach();
    const { wasi, memory, call } = program;
    wasi.prepare([]);
    wasi.provide("out", "né");
    const descriptor = open(program, 0);
    stretch(memory, 600, 10);
    expect(call("fd_read", descriptor, 100, 1, 0)).toBe(0);
    expect(memory.subarray(600, 600 + memory.readUInt32LE(0)).toString()).toBe("né");
    wasi.prepare([]);
    expect(open(program, 0)).toBeLessThan(0);
  });

  it("has no file that was not created, and no descriptor that was not opened", () => {
    const program = attach();
    program.wasi.prepare([]);
    expect(open(program, 0)).toBeLessThan(0);
    stretch(program.memory, 500, 4);
    expect(program.call("fd_write", 9, 100, 1, 0)).not.toBe(0);
    expect(program.call("fd_read", 9, 100, 1, 0)).not.toBe(0);
    expect(program.call("fd_prestat_get", 4, 0)).not.toBe(0);
    expect(program.call("fd_prestat_get", folder, 0)).toBe(0);
  });

  it("ends the program by throwing", () => {
    const { call } = attach();
    expect(() => call("proc_exit", 3)).toThrow(ProgramExit);
    expect(() => call("proc_exit", 3)).toThrow("status 3");
  });
});
