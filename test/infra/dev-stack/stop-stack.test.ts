import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRunning, readProcessIdentity } from '../../../infra/dev-stack/process-identity.js';
import { readStack, writeStack, writeStackEnvironment } from '../../../infra/dev-stack/stack-file.js';
import { stopStack } from '../../../infra/dev-stack/stop-stack.js';

let folder: string;
let child: ChildProcess & { pid: number };
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vectormill-state-'));
  child = spawn('sleep', ['600'], { stdio: 'ignore' }) as typeof child;
  lines = [];
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const log = (line: string) => void lines.push(line);

test('what the state names is stopped, and the state is forgotten', async () => {
  const identity = await readProcessIdentity(child.pid);
  await writeStack(folder, { formatVersion: 1, worker: { ...identity, build: 1 } });
  await stopStack(folder, log);
  expect(await isRunning(identity)).toBe(false);
  expect(lines).toEqual([`worker: stopped (process ${child.pid})`]);
  expect(await readStack(folder)).toEqual({ formatVersion: 1 });
});

test('a process that now has the number of an ended worker is left running', async () => {
  const identity = await readProcessIdentity(child.pid);
  await writeStack(folder, { formatVersion: 1, worker: { pid: child.pid, startTime: 'earlier', build: 1 } });
  await stopStack(folder, log);
  expect(await isRunning(identity)).toBe(true);
  expect(lines).toEqual([`worker: was not running any more (process ${child.pid})`]);
});

test('without a state, or with one that cannot be understood, nothing is stopped', async () => {
  await stopStack(folder, log);
  writeFileSync(join(folder, 'stack.json'), `{"formatVersion":1,"worker":{"pid":${child.pid}}}`);
  await stopStack(folder, log);
  expect(await isRunning(await readProcessIdentity(child.pid))).toBe(true);
  expect(lines).toEqual(['Nothing is up.', 'Nothing is up.']);
});

test('the state comes back as it was written, and only its owner can read it', async () => {
  const identity = await readProcessIdentity(child.pid);
  const state = {
    formatVersion: 1 as const,
    temporal: { ...identity, address: '127.0.0.1:7233', ui: 'http://127.0.0.1:8233' },
    s3: {
      ...identity,
      endpoint: 'http://127.0.0.1:7070',
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    },
  };
  await writeStack(folder, state);
  expect(await readStack(folder)).toEqual(state);
  expect(statSync(join(folder, 'stack.json')).mode & 0o777).toBe(0o600);
});

test('a shell that sources the environment file has its variables', async () => {
  await writeStackEnvironment(folder, { TEMPORAL_ADDRESS: '127.0.0.1:7233', AWS_SECRET_ACCESS_KEY: 'a b$c' });
  const command = '. ./stack.env && printf "%s|%s" "$TEMPORAL_ADDRESS" "$AWS_SECRET_ACCESS_KEY"';
  expect(execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })).toBe('127.0.0.1:7233|a b$c');
  await stopStack(folder, log);
  expect(existsSync(join(folder, 'stack.env'))).toBe(false);
});
