import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { availableCores } from '../../../engine/concurrency/available-cores.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vectormill-cores-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

describe('the cores that may be kept busy', () => {
  test('are those of the machine if no control group limits them', async () => {
    expect(availableCores(root, 6)).toBe(6);
    await write({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' });
    expect(availableCores(root, 6)).toBe(6);
  });

  test('follow a version 2 quota, rounded down', async () => {
    await write({ 'proc/self/cgroup': '0::/job\n', 'sys/fs/cgroup/job/cpu.max': '350000 100000\n' });
    expect(availableCores(root, 8)).toBe(3);
  });

  test('follow the quota of a group further up', async () => {
    await write({
      'proc/self/cgroup': '0::/pod/job\n',
      'sys/fs/cgroup/pod/cpu.max': '200000 100000\n',
      'sys/fs/cgroup/pod/job/cpu.max': 'max 100000\n',
    });
    expect(availableCores(root, 8)).toBe(2);
  });

  test('follow a version 1 quota that a container sees at the root', async () => {
    await write({
      'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(availableCores(root, 16)).toBe(4);
  });

  test('are those of the machine for version 1 without a limit', async () => {
    await write({
      'proc/self/cgroup': '3:cpu,cpuacct:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    });
    expect(availableCores(root, 16)).toBe(16);
  });

  test('are at least one', async () => {
    await write({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '50000 100000\n' });
    expect(availableCores(root, 8)).toBe(1);
  });
});
