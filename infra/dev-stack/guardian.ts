import { createInterface } from 'node:readline';
import type { GuardianLine } from './guard.js';
import { type ProcessIdentity, stopProcess } from './process-identity.js';

/**
 * `guard` runs this file as a process of its own. It reads the names of processes line by line, and
 * stops them when the pipe breaks.
 */
const GRACE_MS = 10_000;
const guarded = new Map<number, ProcessIdentity>();

// A Ctrl-C, or a supervisor that ends the whole group, must not end the process that cleans up.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text) as GuardianLine;
  if ('guard' in line) guarded.set(line.guard.pid, line.guard);
  else guarded.delete(line.release);
}
for (const identity of [...guarded.values()].reverse()) await stopProcess(identity, GRACE_MS);
