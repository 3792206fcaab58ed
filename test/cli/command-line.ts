import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runProgram } from '../../cli/run-program.js';

export interface CommandOutcome {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command line in this process, as `main.ts` does. Returns what it prints and its exit code.
 */
export async function vectormill(...line: readonly string[]): Promise<CommandOutcome> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((text = '') => void out.push(`${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text = '') => void err.push(`${text}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0),
  ];
  const before = process.exitCode;
  try {
    await runProgram(line);
    return { code: Number(process.exitCode ?? 0), stdout: out.join(''), stderr: err.join('') };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs a command line with `--json` and parses its stdout, which must be one document. */
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it expects
export async function vectormillJson(...line: readonly string[]): Promise<{ code: number; json: any }> {
  const { code, stdout } = await vectormill(...line, '--json');
  return { code, json: JSON.parse(stdout) };
}

/** Returns every file below a folder by path, with its sha256. */
export async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return found;
}
