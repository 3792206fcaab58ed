const PAGE_BYTES = 64 * 1024;
/** All that a 32-bit address reaches. */
export const MAX_MEMORY_BYTES = 65_536 * PAGE_BYTES;

const CACHE_LINE = 64;

const modules = new Map<string, WebAssembly.Module>();

/** Bytes up to the next cache line. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}

/** Places for parts of so many bytes each, one after the other from cache lines on, none at 0; and where all end. */
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

/** Memory of at least so many bytes, all 0, to hand to `instantiate`. */
export function newMemory(bytes: number): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

/** The same, which threads can share. */
export function newSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
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

/** Sets a kernel's values by the names that they have there. */
export function setValues<Values extends Readonly<Record<string, number>>>(
  kernel: { readonly [Name in keyof Values]: WebAssembly.Global },
  values: Values,
): void {
  for (const [name, value] of Object.entries(values)) kernel[name]!.value = value;
}
