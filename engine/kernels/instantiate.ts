const PAGE_BYTES = 64 * 1024;
/** All that a 32-bit address reaches. */
export const MOST_MEMORY_BYTES = 65_536 * PAGE_BYTES;

const modules = new Map<string, WebAssembly.Module>();

/** Memory of at least so many bytes, all 0, to hand to `instantiate`. */
export function newMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/** What a compiled kernel exports, over a memory; each is translated once a process. */
export function instantiate<Kernel>(base64: string, memory: WebAssembly.Memory): Kernel {
  let module = modules.get(base64);
  if (!module) {
    module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    modules.set(base64, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}
