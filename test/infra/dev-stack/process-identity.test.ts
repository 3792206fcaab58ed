import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { isRunning, readProcessIdentity, stopProcess } from '../../../infra/dev-stack/process-identity.js';

const children: ChildProcess[] = [];

/**
 * Resolves when the child has printed that it is ready, because its signal handlers are then set.
 */
async function start(script: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn(
    process.execPath,
    ['-e', `${script}; setInterval(() => {}, 1000); console.log('ready')`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  await once(child.stdout!, 'data');
  return child as ChildProcess & { pid: number };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('a process that was started is stopped', async () => {
  const child = await start('');
  const identity = await readProcessIdentity(child.pid);
  expect(await isRunning(identity)).toBe(true);
  expect(await stopProcess(identity, 30_000)).toBe('stopped');
  expect(await isRunning(identity)).toBe(false);
});

test('a process that ignores SIGTERM is killed after the grace period', async () => {
  const child = await start("process.on('SIGTERM', () => {})");
  expect(await stopProcess(await readProcessIdentity(child.pid), 200)).toBe('killed');
});

test('a process that was given the number of one that we started is left alone', async () => {
  const stranger = await start('');
  const recycled = { ...(await readProcessIdentity(stranger.pid)), startTime: '1 long-ago' };
  expect(await isRunning(recycled)).toBe(false);
  expect(await stopProcess(recycled, 0)).toBe('gone');
  expect(await isRunning(await readProcessIdentity(stranger.pid))).toBe(true);
});

test('two processes never have the same identity', async () => {
  const [one, other] = [await start(''), await start('')];
  expect(await readProcessIdentity(one.pid)).not.toEqual(await readProcessIdentity(other.pid));
});

test('a process that has ended cannot be identified', async () => {
  const child = await start('');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect(readProcessIdentity(child.pid)).rejects.toThrow('is not running');
});
