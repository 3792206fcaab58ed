import type { Client } from '@temporalio/client';
import type { EmbedQueue, Queue } from '../../core/queues.js';

/** Temporal's numbers for what a task queue holds. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/**
 * A worker's call for tasks waits a minute at most, and the server notes when it began; it names a
 * worker for minutes after its last call. One that has not called for longer than this is gone, ms.
 */
const SILENT_MS = 70_000;

const QUEUES_OF_ACTIVITIES: Readonly<Record<string, Queue>> = {
  scanShard: 'chunk-cpu',
  chunkShard: 'chunk-cpu',
  quantiseShard: 'chunk-cpu',
};

/**
 * The queue of one of a job's activities, by its name; `embedQueue` is the one that the job asks
 * for.
 */
export function queueOf(activity: string, embedQueue: EmbedQueue = 'embed-cpu'): Queue {
  if (activity === 'embedShard' || activity === 'computeProbe') return embedQueue;
  return QUEUES_OF_ACTIVITIES[activity] ?? 'control';
}

/** Those of the queues that no living worker serves, as far as the server knows. */
export async function unservedQueues(client: Client, queues: readonly Queue[]): Promise<Queue[]> {
  const served = await Promise.all(queues.map((queue) => isServed(client, queue)));
  return queues.filter((_, index) => !served[index]);
}

/** Whether a worker has asked for tasks of this queue lately. */
export async function isServed(client: Client, queue: Queue, now = Date.now()): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === 'control' ? WORKFLOW_TASKS : ACTIVITY_TASKS,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => isAlive(lastAccessTime, now));
}

/** `lastAccessTime`: as the server says it. */
export function isAlive(
  lastAccessTime: { seconds?: unknown; nanos?: number | null } | null | undefined,
  now: number,
): boolean {
  return now - 1000 * Number(lastAccessTime?.seconds ?? 0) <= SILENT_MS;
}
