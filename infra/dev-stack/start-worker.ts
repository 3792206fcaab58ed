import { Connection } from '@temporalio/client';
import { queuesFor } from '../../core/queues.js';
import { CLI } from '../project.js';
import { temporalNamespace } from './configured-server.js';
import type { EphemeralStack } from './ephemeral-stack.js';
import { type RunningServer, startServer } from './start-server.js';

/**
 * The time for a worker to finish its current part. If it is cut off, only the work on that part is
 * lost.
 */
const GRACE_MS = 30_000;

/** `temporal.api.enums.v1.TaskQueueType` */
const QUEUE_TYPES = [1, 2];

interface WorkerOptions {
  /** Temporal's `host:port`. */
  address: string;
  namespace: string;
  /** The addresses and credentials of the servers. They override this process's environment. */
  environment: Readonly<Record<string, string>>;
  logFile: string;
  outlive: boolean;
}

/** Starts one worker for all queues. It polls every one of them when this resolves. */
export async function startWorker(options: WorkerOptions): Promise<RunningServer> {
  return startServer({
    name: 'the worker',
    path: process.execPath,
    parameters: [CLI, 'worker'],
    environment: { ...process.env, ...options.environment },
    logFile: options.logFile,
    answers: (pid) => isPolling(pid, options),
    timeoutMs: 120_000,
    graceMs: GRACE_MS,
    outlive: options.outlive,
  });
}

/** Starts one worker for all queues on the servers of a stack. It ends with this process. */
export function startWorkerOn(stack: EphemeralStack, logFile: string): Promise<RunningServer> {
  const environment = { ...process.env, ...stack.environment };
  return startWorker({
    address: environment.TEMPORAL_ADDRESS ?? '',
    namespace: temporalNamespace(environment),
    environment: stack.environment,
    logFile,
    outlive: false,
  });
}

/**
 * Temporal lists a poller by `<pid>@<host>`, the SDK's default identity, even for minutes after it
 * has ended.
 */
async function isPolling(pid: number, { address, namespace }: WorkerOptions): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    for (const name of queuesFor('embed-cpu')) {
      const pollers = await Promise.all(
        QUEUE_TYPES.map((taskQueueType) =>
          connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType }),
        ),
      );
      const found = pollers.flatMap((answer) => answer.pollers ?? []);
      if (!found.some((poller) => poller.identity?.startsWith(`${pid}@`))) return false;
    }
    return true;
  } finally {
    await connection.close();
  }
}
