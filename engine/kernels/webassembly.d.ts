/**
 * The part of WebAssembly that is used here. TypeScript has its types for browsers only
 * (https://webassembly.github.io/spec/js-api/).
 */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBufferLike;
  }
  class Global {
    value: number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
}
