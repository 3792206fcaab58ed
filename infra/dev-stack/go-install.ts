import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeCompilation } from './compile-progress.js';
import type { PinnedTool } from './pinned-tools.js';

const PROGRESS_MS = 15_000;
const TAIL_LINES = 6;

/**
 * Compiles the pinned version with the Go found on PATH and puts the binary at `target` in one
 * step. Every 15 seconds it says how far it is. Throws an Error with the last lines that Go
 * printed.
 */
export async function goInstall(
  tool: PinnedTool,
  target: string,
  log: (line: string) => void,
  progressMs = PROGRESS_MS,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), '.compile-'));
  const started = Date.now();
  let packages = 0;
  const progress = setInterval(() => {
    const { compilePackages: expectedPackages, compileMinutes } = tool;
    const seconds = (Date.now() - started) / 1000;
    const far = describeCompilation({
      seconds,
      packages,
      expectedPackages,
      usualSeconds: compileMinutes * 60,
    });
    log(`${tool.name}: compiling, ${far}`);
  }, progressMs);
  try {
    // With -v, Go names each package that it compiles. It also names the modules that it downloads,
    // after `go: `.
    const parameters = ['install', '-v', `${tool.goPackage}@v${tool.version}`];
    await runGo(parameters, { ...process.env, GOBIN: folder, GOFLAGS: '' }, (line) => {
      if (!line.startsWith('go: ')) packages += 1;
    });
    await rename(join(folder, tool.name), target);
  } finally {
    clearInterval(progress);
    await rm(folder, { recursive: true, force: true });
  }
}

function runGo(
  parameters: string[],
  environment: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', parameters, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    const tail: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      onLine(line);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    });
    child.on('error', (error) =>
      reject(
        (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error('there is no go on PATH') : error,
      ),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${parameters.join(' ')} failed: ${tail.join('\n')}`)),
    );
  });
}
