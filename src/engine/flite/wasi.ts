/**
 * The part of WASI preview 1 that Flite's module imports, over files in memory: one pre-opened
 * folder, no clock worth the name, no environment. Node's own WASI aborts the process at random
 * with this module. Numbers are from the WASI snapshot 1 witx files.
 */

const errno = { success: 0, badf: 8, noent: 44, spipe: 70 } as const;
const filetype = { characterDevice: 2, directory: 3, regularFile: 4 } as const;
const oflags = { create: 1, truncate: 8 } as const;
const preopenedFolder = 3;
const allRights = 0xffff_ffff_ffff_ffffn;

interface MemoryFile {
  /** Files of earlier runs are kept for their memory, and are not there. */
  exists: boolean;
  bytes: Uint8Array<ArrayBuffer>;
  sizeBytes: number;
}

interface OpenFile {
  readonly file: MemoryFile;
  position: number;
}

/** One run of a WASI program, or several one after another. */
export interface WasiProgram {
  /** What `new WebAssembly.Instance` takes. */
  readonly imports: WebAssembly.Imports;
  /** To be told once the instance exists. */
  attach(memory: WebAssembly.Memory): void;
  /** Empties files and output of the last run; `args` begins with the program's name. */
  prepare(args: readonly string[]): void;
  /** Puts a file where the next run finds it; to be called after `prepare`. */
  provide(path: string, content: string): void;
  /** What was written to standard output, as Latin-1. */
  output(): string;
  /** A file the program has written; a view that the next `prepare` makes worthless. */
  read(path: string): Uint8Array<ArrayBuffer> | undefined;
}

/** Thrown out of the program when it ends by `proc_exit`. */
export class ProgramExit extends Error {
  override readonly name = "ProgramExit";
  readonly status: number;

  constructor(status: number) {
    super(`The program exited with status ${status}`);
    this.status = status;
  }
}

/** Makes the imports of one instance. */
export function createWasiProgram(): WasiProgram {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const files = new Map<string, MemoryFile>();
  const open = new Map<number, OpenFile>();
  let memory: WebAssembly.Memory | undefined;
  let args: Uint8Array[] = [];
  let output: Buffer[] = [];
  let nextDescriptor = preopenedFolder + 1;

  const buffer = (): ArrayBufferLike => {
    if (!memory) throw new TypeError("The program has no memory yet");
    return memory.buffer;
  };
  const view = (): DataView => new DataView(buffer());
  const bytesAt = (pointer: number, length: number): Uint8Array =>
    new Uint8Array(buffer(), pointer, length);

  /** Calls `move` with each of the memory stretches of an iovec list; gives the bytes moved. */
  const moveAll = (
    vectors: number,
    count: number,
    move: (stretch: Uint8Array) => number,
  ): number => {
    let moved = 0;
    for (let at = vectors; at < vectors + count * 8; at += 8) {
      moved += move(bytesAt(view().getUint32(at, true), view().getUint32(at + 4, true)));
    }
    return moved;
  };

  const functions = {
    args_sizes_get(countPointer: number, sizePointer: number) {
      view().setUint32(countPointer, args.length, true);
      const sizeBytes = args.reduce((sum, arg) => sum + arg.length, 0);
      view().setUint32(sizePointer, sizeBytes, true);
      return errno.success;
    },
    args_get(pointers: number, strings: number) {
      let at = strings;
      args.forEach((arg, index) => {
        view().setUint32(pointers + 4 * index, at, true);
        bytesAt(at, arg.length).set(arg);
        at += arg.length;
      });
      return errno.success;
    },
    clock_time_get(_id: number, _precision: bigint, pointer: number) {
      view().setBigUint64(pointer, 0n, true);
      return errno.success;
    },
    fd_close(descriptor: number) {
      return open.delete(descriptor) ? errno.success : errno.badf;
    },
    fd_fdstat_get(descriptor: number, pointer: number) {
      const type =
        descriptor === preopenedFolder
          ? filetype.directory
          : descriptor < preopenedFolder
            ? filetype.characterDevice
            : filetype.regularFile;
      view().setUint8(pointer, type);
      view().setUint16(pointer + 2, 0, true);
      view().setBigUint64(pointer + 8, allRights, true);
      view().setBigUint64(pointer + 16, allRights, true);
      return errno.success;
    },
    fd_fdstat_set_flags: () => errno.success,
    fd_prestat_get(descriptor: number, pointer: number) {
      if (descriptor !== preopenedFolder) return errno.badf;
      view().setUint32(pointer, 0, true);
      view().setUint32(pointer + 4, 1, true);
      return errno.success;
    },
    fd_prestat_dir_name(_descriptor: number, pointer: number) {
      bytesAt(pointer, 1).set(encoder.encode("."));
      return errno.success;
    },
    fd_read(descriptor: number, vectors: number, count: number, movedPointer: number) {
      const source = open.get(descriptor);
      if (!source) return errno.badf;
      const moved = moveAll(vectors, count, (stretch) => {
        const { file, position } = source;
        const length = Math.min(stretch.length, file.sizeBytes - position);
        stretch.set(file.bytes.subarray(position, position + length));
        source.position += length;
        return length;
      });
      view().setUint32(movedPointer, moved, true);
      return errno.success;
    },
    fd_seek(descriptor: number, offset: bigint, whence: number, pointer: number) {
      const target = open.get(descriptor);
      if (!target) return errno.spipe;
      const origin = [0, target.position, target.file.sizeBytes][whence] ?? 0;
      target.position = origin + Number(offset);
      view().setBigUint64(pointer, BigInt(target.position), true);
      return errno.success;
    },
    fd_write(descriptor: number, vectors: number, count: number, movedPointer: number) {
      const target = open.get(descriptor);
      if (!target && descriptor >= preopenedFolder) return errno.badf;
      const moved = moveAll(vectors, count, (stretch) => {
        if (target) write(target, stretch);
        else output.push(Buffer.from(stretch));
        return stretch.length;
      });
      view().setUint32(movedPointer, moved, true);
      return errno.success;
    },
    path_open(
      _folder: number,
      _lookupFlags: number,
      pathPointer: number,
      pathLength: number,
      flags: number,
      _rights: bigint,
      _inheritedRights: bigint,
      _descriptorFlags: number,
      descriptorPointer: number,
    ) {
      const path = decoder.decode(bytesAt(pathPointer, pathLength).slice());
      const file = files.get(path) ?? { exists: false, bytes: new Uint8Array(0), sizeBytes: 0 };
      if (!file.exists && !(flags & oflags.create)) return errno.noent;
      if (!file.exists || flags & oflags.truncate) file.sizeBytes = 0;
      file.exists = true;
      files.set(path, file);
      const descriptor = nextDescriptor;
      nextDescriptor += 1;
      open.set(descriptor, { file, position: 0 });
      view().setUint32(descriptorPointer, descriptor, true);
      return errno.success;
    },
    proc_exit(status: number) {
      throw new ProgramExit(status);
    },
  };

  return {
    imports: { wasi_snapshot_preview1: functions },
    attach(attached) {
      memory = attached;
    },
    prepare(newArgs) {
      args = newArgs.map((arg) => encoder.encode(`${arg}\0`));
      output = [];
      // The next run's files take the room of the last one's: what is not allocated is no garbage.
      for (const file of files.values()) file.exists = false;
      open.clear();
      nextDescriptor = preopenedFolder + 1;
    },
    provide(path, content) {
      const bytes = encoder.encode(content);
      files.set(path, { exists: true, bytes, sizeBytes: bytes.length });
    },
    output: () => Buffer.concat(output).toString("latin1"),
    read(path) {
      const file = files.get(path);
      return file?.exists ? file.bytes.subarray(0, file.sizeBytes) : undefined;
    },
  };
}

function write(target: OpenFile, bytes: Uint8Array): void {
  const { file, position } = target;
  const end = position + bytes.length;
  if (end > file.bytes.length) {
    const grown = new Uint8Array(Math.max(end, 2 * file.bytes.length, 65_536));
    grown.set(file.bytes);
    file.bytes = grown;
  }
  file.bytes.set(bytes, position);
  file.sizeBytes = Math.max(file.sizeBytes, end);
  target.position = end;
}
