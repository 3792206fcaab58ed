import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A file system in memory that belongs to one test. */
export interface MountedFolder {
  path: string;
  makeReadOnly(): void;
  /** Mounts it again for writing, with other options, such as `size=10m`. */
  makeWritable(options: string): void;
}

/**
 * Whether this process may mount file systems. Tests that need one are skipped where it may not.
 */
export const canMount = process.platform === 'linux' && mayMount();

/**
 * Mounts an empty file system until the test has ended. `options` are those of tmpfs, such as
 * `size=64k` or `nr_inodes=3`.
 */
export function mountFolder(options: string): MountedFolder {
  const { path, unmount } = mountTmpfs(options);
  onTestFinished(unmount);
  return {
    path,
    makeReadOnly: () => mount('-o', 'remount,ro', path),
    makeWritable: (more) => mount('-o', `remount,rw,${more}`, path),
  };
}

function mayMount(): boolean {
  try {
    mountTmpfs('size=4k').unmount();
    return true;
  } catch {
    return false;
  }
}

function mountTmpfs(options: string): { path: string; unmount(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-mount-'));
  const path = join(folder, 'mount');
  mkdirSync(path);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    mount('-t', 'tmpfs', '-o', options, 'tmpfs', path);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    path,
    unmount: () => {
      execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
      remove();
    },
  };
}

function mount(...options: string[]): void {
  execFileSync('mount', options, { stdio: 'ignore' });
}
