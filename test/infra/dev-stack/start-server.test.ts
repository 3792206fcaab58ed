import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isRunning, type ProcessIdentity, stopProcess } from '../../../infra/dev-stack/process-identity.js';
import { type ServerCommand, startServer } from '../../../infra/dev-stack/start-server.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-server-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function command(script: string, changes: Partial<ServerCommand> = {}): ServerCommand {
  return {
    name: 'the server',
    path: process.execPath,
    parameters: ['-e', script],
    environment: { PATH: process.env.PATH },
    logFile: join(folder, 'server.log'),
    answers: async () => true,
    timeoutMs: 30_000,
    outlive: false,
    ...changes,
  };
}

function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a server that ends before it answers is reported with the end of its log', async () => {
  const ending = command("console.error('the disk is full'); process.exit(3)", {
    answers: async () => false,
  });
  await expect(startServer(ending)).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringMatching(/the server did not start: it exited with 3\nthe disk is full/),
    file: ending.logFile,
  });
});

test('a server whose binary is not there is reported', async () => {
  const absent = command('', { path: join(folder, 'absent') });
  await expect(startServer(absent)).rejects.toThrow(/did not start: .*ENOENT/);
});

test('a server that never answers is stopped', async () => {
  let pid = 0;
  const silent = command('setInterval(() => {}, 1000)', {
    timeoutMs: 300,
    answers: async (asked) => {
      pid = asked;
      throw new Error('connection refused');
    },
  });
  await expect(startServer(silent)).rejects.toThrow('it did not answer within 0.3 s');
  // The entry is removed when its exit has been noticed, a moment after its end.
  await expect.poll(() => processExists(pid)).toBe(false);
});

test('a server gets only the variables that it is given', async () => {
  vi.stubEnv('VECTORMILL_STRAY', 'set');
  const script =
    "if (process.env.VECTORMILL_STRAY) process.exit(9); setInterval(() => {}, 1000); console.log('up')";
  const server = await startServer(command(script));
  vi.unstubAllEnvs();
  expect(await isRunning(server)).toBe(true);
  await server.stop();
  await server.stop();
  expect(await isRunning(server)).toBe(false);
});

/**
 * Runs a process that starts two servers: first one that ends with it, and then one that outlives
 * it.
 */
async function startFromAnotherProcess() {
  const source = fileURLToPath(new URL('../../../infra/dev-stack/start-server.ts', import.meta.url));
  const server = { ...command('setInterval(() => {}, 1000)'), answers: undefined };
  const script = `import { startServer } from ${JSON.stringify(source)};
    for (const outlive of [false, true]) {
      const { pid, startTime } = await startServer({ ...${JSON.stringify(server)}, answers: async () => true, outlive });
      console.log(JSON.stringify({ pid, startTime }));
    }
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const identities: ProcessIdentity[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    identities.push(JSON.parse(line) as ProcessIdentity);
    if (identities.length === 2) break;
  }
  return { parent, ending: identities[0]!, outliving: identities[1]! };
}

test('a server ends with the process that started it, even when that is killed, unless it should outlive it', async () => {
  const { parent, ending, outliving } = await startFromAnotherProcess();
  try {
    expect(await isRunning(ending)).toBe(true);
    parent.kill('SIGKILL');
    // The server that was started last is ended first. Once this one has ended, the other one has
    // been spared.
    await vi.waitFor(async () => expect(await isRunning(ending)).toBe(false), {
      timeout: 50_000,
      interval: 50,
    });
    expect(await isRunning(outliving)).toBe(true);
  } finally {
    await stopProcess(outliving, 10_000);
  }
});
