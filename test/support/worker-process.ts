import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PartEvent } from '../../engine/steps/step-context.js';
import { spawnCli } from './built-cli.js';

/** A real worker in a process of its own, and the parts that it has logged. */
export interface WorkerProcess {
  readonly events: PartEvent[];
  /** Resolves at the next `part.started` of this process. */
  nextPart(): Promise<void>;
  /** Sends SIGKILL and waits until the process has ended. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits until the worker has drained. */
  stop(): Promise<void>;
}

export function startWorkerProcess(environment: NodeJS.ProcessEnv): WorkerProcess {
  const child: ChildProcess = spawnCli(['worker'], environment);
  const events: PartEvent[] = [];
  let waiting: (() => void)[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!line.includes('"part.')) return;
    const event = JSON.parse(line) as PartEvent;
    events.push(event);
    if (event.event !== 'part.started') return;
    for (const wake of waiting) wake();
    waiting = [];
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    events,
    nextPart: () =>
      Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), exited.then(() => {})]),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
