import { fileURLToPath } from 'node:url';
import { compiledScript } from './compiled-script.js';

/**
 * Tests use this in place of `engine/concurrency/thread-entry.ts` (see vitest.config.ts), because
 * they start hundreds of threads: it gives the file of a thread, compiled.
 */
export function threadEntry(moduleUrl: string, name: string): { filename: string } {
  return { filename: compiledScript(fileURLToPath(new URL(`./${name}.ts`, moduleUrl))) };
}
