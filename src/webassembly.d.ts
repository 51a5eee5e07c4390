/** The part of the WebAssembly interface that is used here; Node's types leave it to the DOM's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    // A compiled module has nothing to call; the member keeps other objects from passing for one.
    private readonly compiled: true;
  }
  class Memory {
    /** `initial` is in pages of 64 KiB. */
    constructor(size: { initial: number });
    readonly buffer: ArrayBuffer;
  }
  type Imports = Record<string, Record<string, (...args: never[]) => unknown>>;
  class Instance {
    constructor(module: Module, imports: Imports | Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
