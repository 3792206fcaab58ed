import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PinnedTool } from './pinned-tools.js';

/**
 * Compiles the pinned version with the Go found on PATH and puts the binary at `target` in one step.
 * Throws an Error with the last lines that Go printed.
 */
export async function goInstall(tool: PinnedTool, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), '.compile-'));
  try {
    await runGo(['install', `${tool.goPackage}@v${tool.version}`], {
      ...process.env,
      GOBIN: folder,
      GOFLAGS: '',
    });
    await rename(join(folder, tool.name), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runGo(parameters: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', parameters, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('utf8')).slice(-600);
    });
    child.on('error', (error) =>
      reject(
        (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error('there is no go on PATH') : error,
      ),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${parameters.join(' ')} failed: ${tail.trim()}`)),
    );
  });
}
