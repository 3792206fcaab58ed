import { ActivityCancellationType, type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type { ChunkActivities } from '../activities/chunk.js';
import type { ControlActivities } from '../activities/control.js';
import type { EmbedActivities } from '../activities/embed.js';
import type { IndexActivities } from '../activities/index-version.js';
import type { MineActivities, RescoreActivities } from '../activities/mine.js';
import type { NightActivities } from '../activities/night.js';
import { FINAL_CODES } from '../core/errors.js';
import type { EmbedQueue, Queue } from '../core/queues.js';
import { RETRY_POLICY } from '../core/retry-policy.js';

/**
 * A killed worker is noticed after this long. Activities send a heartbeat every second from a
 * thread that never computes.
 */
const HEARTBEAT_TIMEOUT = '10s';

function options(taskQueue: Queue): ActivityOptions {
  return {
    taskQueue,
    startToCloseTimeout: '24h',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    // Cancelled work stores its part before it ends. Only then is the shard free for another
    // attempt.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: {
      initialInterval: RETRY_POLICY.initialIntervalMs,
      backoffCoefficient: RETRY_POLICY.backoffCoefficient,
      maximumInterval: RETRY_POLICY.maximumIntervalMs,
      nonRetryableErrorTypes: [...FINAL_CODES],
    },
  };
}

export const control = proxyActivities<ControlActivities>(options('control'));
export const nightControl = proxyActivities<NightActivities>(options('control'));
export const chunkCpu = proxyActivities<ChunkActivities>(options('chunk-cpu'));
export const embedOn: Readonly<Record<EmbedQueue, EmbedActivities>> = {
  'embed-cpu': proxyActivities<EmbedActivities>(options('embed-cpu')),
  'embed-gpu': proxyActivities<EmbedActivities>(options('embed-gpu')),
};
export const indexCpu = proxyActivities<IndexActivities>(options('index-cpu'));
export const mineCpu = proxyActivities<MineActivities>(options('mine-cpu'));
export const rescoreCpu = proxyActivities<RescoreActivities>(options('rescore-cpu'));
