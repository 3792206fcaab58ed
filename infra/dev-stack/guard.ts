import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from './process-identity.js';

let guardian: ChildProcess | undefined;

/** The messages that the guardian is sent, one JSON line each. */
export type GuardianLine = { guard: ProcessIdentity } | { release: number };

/**
 * Makes sure that a process does not outlive this one, however this one ends. A guardian process
 * holds the reading end of a pipe. When the pipe breaks, it stops every process that it was sent
 * and that still runs.
 */
export function guard(identity: ProcessIdentity): void {
  sendLine({ guard: identity });
}

/** Allows a guarded process to outlive this one after all. */
export function release(pid: number): void {
  sendLine({ release: pid });
}

function sendLine(line: GuardianLine): void {
  guardian ??= startGuardian();
  guardian.stdin!.write(`${JSON.stringify(line)}\n`);
}

function startGuardian(): ChildProcess {
  const own = fileURLToPath(import.meta.url);
  const loader = own.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const script = own.replace(/guard\.([jt]s)$/, 'guardian.$1');
  const child = spawn(process.execPath, [...loader, script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  (child.stdin as Writable & { unref: () => void }).unref();
  return child;
}
