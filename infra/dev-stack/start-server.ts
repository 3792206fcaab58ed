import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isVectormillError, VectormillError } from '../../core/errors.js';
import { guard, release } from './guard.js';
import { type ProcessIdentity, readProcessIdentity, stopProcess } from './process-identity.js';

const DEFAULT_GRACE_MS = 10_000;

export interface ServerCommand {
  /** The name of the server in errors. */
  name: string;
  path: string;
  parameters: readonly string[];
  /**
   * The complete environment. Nothing is inherited, so that no setting of the user's affects the
   * server by accident.
   */
  environment: NodeJS.ProcessEnv;
  /** The file to which its output is appended. */
  logFile: string;
  /**
   * Resolves to true once this server, and no other process, really serves. An error means "not
   * yet".
   */
  answers: (pid: number) => Promise<boolean>;
  /** The time that it may take until it answers, in ms. */
  timeoutMs: number;
  /** The time that it may take to stop before it is killed, in ms. The default is 10 s. */
  graceMs?: number;
  /**
   * Whether it outlives this process once it answers. If not, it is stopped however this process
   * ends, even by SIGKILL.
   */
  outlive: boolean;
}

export interface RunningServer extends ProcessIdentity {
  /** Resolves when the server has ended. Calling it twice is harmless. */
  stop: () => Promise<void>;
}

/**
 * Starts a server and resolves when it answers. The server is in a process group of its own, so
 * that a Ctrl-C reaches the process that will stop it and not the server. Throws INTERNAL with the
 * end of its log when it does not answer.
 */
export async function startServer(command: ServerCommand): Promise<RunningServer> {
  mkdirSync(dirname(command.logFile), { recursive: true });
  const output = openSync(command.logFile, 'a');
  const logStart = fstatSync(output).size;
  const child = spawn(command.path, command.parameters, {
    detached: true,
    env: command.environment,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = signal ? `it was ended by ${signal}` : `it exited with ${code}`;
  });
  child.unref();
  const identity = await readProcessIdentity(child.pid ?? -1).catch(() => undefined);
  if (!identity) {
    await sleep(0);
    throw startFailure(command, ended ?? 'it ended at once', logStart);
  }
  guard(identity);
  const graceMs = command.graceMs ?? DEFAULT_GRACE_MS;

  const deadline = Date.now() + command.timeoutMs;
  while (ended === undefined && Date.now() < deadline) {
    const answered = await command.answers(identity.pid).catch(() => false);
    if (answered && ended === undefined) {
      if (command.outlive) release(identity.pid);
      return { ...identity, stop: async () => void (await stopProcess(identity, graceMs)) };
    }
    await sleep(50);
  }
  const reason = ended ?? `it did not answer within ${command.timeoutMs / 1000} s`;
  await stopProcess(identity, graceMs);
  throw startFailure(command, reason, logStart);
}

/**
 * Returns whether `startServer` failed because another process listens on a port that the server
 * was given.
 */
export function isPortTaken(error: unknown): boolean {
  return isVectormillError(error) && error.cause instanceof PortTaken;
}

class PortTaken extends Error {}

/** `logStart` is the position in the log, in bytes, where the output of this start begins. */
function startFailure(command: ServerCommand, reason: string, logStart: number): VectormillError {
  const written = readFileSync(command.logFile).subarray(logStart).toString('utf8').trim();
  const tail = written.split('\n').slice(-5).join('\n');
  return new VectormillError('INTERNAL', `${command.name} did not start: ${reason}\n${tail}`, {
    component: 'dev-stack',
    remedy: 'Read the end of its log, remove what it complains about and start again.',
    file: command.logFile,
    // The words of Go and of Node for EADDRINUSE.
    cause: /address already in use/i.test(written) ? new PortTaken() : undefined,
  });
}
