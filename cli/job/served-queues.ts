import type { Client } from '@temporalio/client';
import type { EmbedQueue, Queue } from '../../core/queues.js';

/** Temporal's numbers for the kinds of tasks in a task queue. */
const WORKFLOW_TASKS = 1;
const ACTIVITY_TASKS = 2;

/**
 * A worker's poll for tasks waits a minute at most, and the server notes when it began. The server
 * lists a worker for minutes after its last poll. A worker that has not polled for this many ms is
 * gone.
 */
const SILENT_MS = 70_000;

const QUEUES_OF_ACTIVITIES: Readonly<Record<string, Queue>> = {
  scanShard: 'chunk-cpu',
  chunkShard: 'chunk-cpu',
  foldShards: 'chunk-cpu',
  mergeIds: 'chunk-cpu',
  quantiseShard: 'chunk-cpu',
};

/**
 * Returns the queue of a job's activity, by the name of the activity. `embedQueue` is the queue
 * that the job asks for.
 */
export function queueOf(activity: string, embedQueue: EmbedQueue = 'embed-cpu'): Queue {
  if (activity === 'embedShard' || activity === 'computeProbe') return embedQueue;
  return QUEUES_OF_ACTIVITIES[activity] ?? 'control';
}

/** Returns the queues among these that no living worker serves, as far as the server knows. */
export async function unservedQueues(client: Client, queues: readonly Queue[]): Promise<Queue[]> {
  const served = await Promise.all(queues.map((queue) => isServed(client, queue)));
  return queues.filter((_, index) => !served[index]);
}

/** Returns whether a worker has recently asked for tasks from this queue. */
export async function isServed(client: Client, queue: Queue, now = Date.now()): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === 'control' ? WORKFLOW_TASKS : ACTIVITY_TASKS,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => isAlive(lastAccessTime, now));
}

/** `lastAccessTime` is in the form that the server uses. */
export function isAlive(
  lastAccessTime: { seconds?: unknown; nanos?: number | null } | null | undefined,
  now: number,
): boolean {
  return now - 1000 * Number(lastAccessTime?.seconds ?? 0) <= SILENT_MS;
}
