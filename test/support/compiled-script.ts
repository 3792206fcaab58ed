import { basename, dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { runFolder } from './run-folder.js';

/** By source. */
const compiled = new Map<string, string>();

/**
 * Compiles a TypeScript file, with all that it imports of ours, to one file of JavaScript, once for
 * this process. Starting it takes a fifth of what starting the source by way of tsx takes.
 */
export function compiledScript(source: string): string {
  const known = compiled.get(source);
  if (known) return known;
  const file = join(runFolder(), `${basename(source, '.ts')}-${process.pid}.mjs`);
  compile(source, file);
  compiled.set(source, file);
  return file;
}

/** Compiles the file of a thread beside a compiled script, which looks for it there. */
export function compiledThread(source: string, script: string): void {
  compile(source, join(dirname(script), `${basename(source, '.ts')}.js`));
}

function compile(source: string, file: string): void {
  buildSync({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
}
