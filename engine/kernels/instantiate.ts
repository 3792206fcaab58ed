const PAGE_BYTES = 64 * 1024;
/** The number of bytes that a 32-bit address can reach. */
export const MAX_MEMORY_BYTES = 65_536 * PAGE_BYTES;

const CACHE_LINE = 64;

const modules = new Map<string, WebAssembly.Module>();

/** Returns the number of bytes, rounded up to whole cache lines. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}

/**
 * Lays out parts of the given sizes in bytes, one after the other. Each begins at a cache line, and
 * none at 0. `end` is where the last one ends.
 */
export function layOut<Part extends string>(
  parts: Readonly<Record<Part, number>>,
): { places: Readonly<Record<Part, number>>; end: number } {
  let end = CACHE_LINE;
  const places = {} as Record<Part, number>;
  for (const part of Object.keys(parts) as Part[]) {
    places[part] = end;
    end += aligned(parts[part]);
  }
  return { places, end };
}

/** Returns new memory of at least `bytes` bytes, all 0, for `instantiate`. */
export function newMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/** Returns such memory for threads to share. */
export function newSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/**
 * Returns the exports of a compiled kernel that works on `memory`. A process compiles each kernel
 * once.
 */
export function instantiate<Kernel>(base64: string, memory: WebAssembly.Memory): Kernel {
  let module = modules.get(base64);
  if (!module) {
    module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    modules.set(base64, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}

/** Sets a kernel's values by their names in the kernel. */
export function setValues<Values extends Readonly<Record<string, number>>>(
  kernel: { readonly [Name in keyof Values]: WebAssembly.Global },
  values: Values,
): void {
  for (const [name, value] of Object.entries(values)) kernel[name]!.value = value;
}
