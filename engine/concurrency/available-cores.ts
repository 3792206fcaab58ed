import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * Returns how many cores this process may keep busy: the scheduler's affinity, lowered by the CPU
 * quota of its control group, rounded down, at least 1. The kernel documents the quotas: `cpu.max`
 * (version 2, https://docs.kernel.org/admin-guide/cgroup-v2.html), `cpu.cfs_quota_us` and
 * `cpu.cfs_period_us` (version 1).
 */
export function availableCores(systemRoot = '/', parallelism: number = availableParallelism()): number {
  const groups = readText(join(systemRoot, 'proc/self/cgroup')) ?? '';
  let cores = parallelism;
  for (const line of groups.split('\n')) {
    const [, controllers, path] = line.split(':');
    if (controllers === undefined || path === undefined) continue;
    const mount =
      controllers === ''
        ? 'sys/fs/cgroup'
        : controllers.split(',').includes('cpu')
          ? 'sys/fs/cgroup/cpu'
          : undefined;
    if (mount === undefined) continue;
    for (const folder of ancestors(path))
      cores = Math.min(cores, quota(join(systemRoot, mount, folder)) ?? cores);
  }
  return Math.max(1, Math.floor(cores));
}

/**
 * Returns a group and those above it, because a group's limit holds for all below it. Inside a
 * container the group itself is mounted at the root.
 */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/')).concat('');
}

/** Returns the cores as a fraction, or undefined if there is no limit. */
function quota(folder: string): number | undefined {
  const unified = readText(join(folder, 'cpu.max'))?.split(/\s+/);
  const [limit, period] = unified ?? [
    readText(join(folder, 'cpu.cfs_quota_us')),
    readText(join(folder, 'cpu.cfs_period_us')),
  ];
  const cores = Number(limit) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? cores : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
