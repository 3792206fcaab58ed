import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.js';

const FOLDER = join(PROJECT_ROOT, 'bench', 'results');

/**
 * Returns the machine on which a result was measured. Figures of different machines must not be
 * compared.
 */
export function machine(): Record<string, unknown> {
  const [first] = cpus();
  return { processor: first?.model.trim(), cores: cpus().length, node: process.version };
}

/**
 * Saves a result as `bench/results/<date>-<name>.json` and returns its path. A later result of the
 * same day replaces it.
 */
export async function saveResult(name: string, result: object): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${new Date().toISOString().slice(0, 10)}-${name}.json`);
  await writeFile(file, `${JSON.stringify({ machine: machine(), ...result }, undefined, 2)}\n`);
  return file;
}
