import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { runFolder } from './run-folder.js';

/** By source. */
const compiled = new Map<string, string>();

/**
 * What tests use in place of `engine/concurrency/thread-entry.ts` (vitest.config.ts): the file of a
 * thread, compiled once for this process. Tests start hundreds of threads, and the loader that
 * development runs on takes five times as long to start one.
 */
export function threadEntry(moduleUrl: string, name: string): { filename: string } {
  const source = fileURLToPath(new URL(`./${name}.ts`, moduleUrl));
  const known = compiled.get(source);
  if (known) return { filename: known };
  const filename = join(runFolder(), `${name}-${process.pid}.mjs`);
  buildSync({
    entryPoints: [source],
    outfile: filename,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  compiled.set(source, filename);
  return { filename };
}
