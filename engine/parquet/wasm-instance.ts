import { createRequire } from 'node:module';

export type ParquetWasm = typeof import('parquet-wasm/node');

/**
 * An instance's memory never shrinks, so one that has grown beyond this many bytes is replaced. A
 * fresh instance takes about 10 ms, which is less than the time of any table that makes the memory
 * grow so far.
 */
const LARGEST_KEPT_MEMORY = 64 * 1024 * 1024;

let instance: ParquetWasm | undefined;

/**
 * Runs a task on this thread's parquet-wasm instance, and throws what the task throws. After an
 * error the instance is replaced: a Rust panic unwinds nothing, so its memory and locks may be in
 * any state.
 */
export function withParquetWasm<T>(task: (wasm: ParquetWasm) => T): T {
  instance ??= freshInstance();
  let keep = false;
  try {
    const result = task(instance);
    keep = instance.wasmMemory().buffer.byteLength <= LARGEST_KEPT_MEMORY;
    return result;
  } finally {
    if (!keep) instance = undefined;
  }
}

/**
 * Loads the Node build of parquet-wasm again. It is a CommonJS module that makes its one instance
 * when it is loaded.
 */
function freshInstance(): ParquetWasm {
  // Each call makes its own `require`, because one that is kept would hold every module that it
  // ever loaded.
  const require = createRequire(import.meta.url);
  const path = require.resolve('parquet-wasm/node');
  delete require.cache[path];
  return require(path) as ParquetWasm;
}
