import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { ChunkActivities } from '../../activities/chunk.js';
import type { ControlActivities } from '../../activities/control.js';
import type { EmbedActivities } from '../../activities/embed.js';
import type { IndexActivities } from '../../activities/index-version.js';
import type { MineActivities, RescoreActivities } from '../../activities/mine.js';
import type { NightActivities } from '../../activities/night.js';
import type { MiningRecord } from '../../core/mining/mining-spec.js';
import { NO_SHARD_TOTALS, type ShardTotals } from '../../core/progress.js';
import {
  miningOfNight,
  type NightlyMining,
  type ScheduleRecord,
} from '../../core/schedule/schedule-record.js';
import { workflowBundle } from './workflow-bundle.js';

type Activities = ControlActivities &
  ChunkActivities &
  EmbedActivities &
  MineActivities &
  RescoreActivities &
  IndexActivities &
  NightActivities;

// Failures that a test asks for are not logged.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** The totals of one shard of 10 documents. */
export const SHARD_TOTALS: ShardTotals = { ...NO_SHARD_TOTALS, shards: 1, bytes: 100, documents: 10 };

/**
 * Starts a worker that orchestrates and computes nothing. Every activity answers at once, as if for
 * a corpus of `shards` equal shards, unless a test replaces it. It serves for tests of order and
 * number only.
 */
export async function orchestrationWorker(
  at: { address: string; namespace: string; identity?: string },
  shards: number,
  more: Partial<Activities> = {},
): Promise<{ stop(): Promise<void> }> {
  const done = { ...SHARD_TOTALS, chunks: 20, tokens: 200 };
  const activities: Activities = {
    claimVersion: async () => {},
    planVersion: async () => ({ shards, inputObjects: 1, inputBytes: 100 * shards, forgottenPlans: 0 }),
    findDuplicates: async () => 0,
    resolveDocuments: async () => notCarried(),
    countDeletes: async () => undefined,
    forgetPlan: async () => notCarried(),
    keepPlan: async () => {},
    reduceRanges: async () => {},
    foldShards: async (_, { group: { from, to } }) => ({ ...NO_SHARD_TOTALS, shards: to - from }),
    mergeIds: async () => {},
    quantiseShard: async () => done,
    removeFloat32: async () => {},
    collect: async () => ({ outcome: 'nothing' }),
    computeProbe: async () => {},
    writeManifest: async () => ({
      manifest: 'memory://manifest.json',
      fingerprint: 'f',
      rejects: {},
      totals: {
        inputObjects: 1,
        inputBytes: 100 * shards,
        shards,
        documents: 10 * shards,
        chunks: 20 * shards,
        truncatedChunks: 0,
        tokens: 200 * shards,
        outputBytes: 1,
      },
    }),
    scanShard: async () => SHARD_TOTALS,
    chunkShard: async () => ({ retries: 0 }),
    embedShard: async () => done,
    openNight: async () => ({ parent: null, isEmpty: false }),
    prepareTriplets: async (schedule, mine, version) => recordOf(schedule, mine, version),
    planQueries: async () => ({ shards, isMined: false }),
    findCandidates: async () => {},
    rescoreCandidates: async () => {},
    writeTriplets: async () => {},
    finishMining: async () => ({ manifest: 'memory://manifest.json' }),
    countTriplets: async () => ({ queries: 2, triplets: 4 }),
    planShards: async () => ({ shards: 2, rows: 20 }),
    indexShard: async () => ({ rows: 10, reused: false }),
    finishIndex: async () => ({
      name: 'main',
      kind: 'hnsw',
      rows: 20,
      bytes: 1000,
      recall: 1,
      buildSeconds: 1,
    }),
    finishNight: async () => ({ lineage: 'memory://lineage.json', isReferenced: true }),
    ...more,
  };
  const connection = await NativeConnection.connect({ address: at.address });
  const options = { connection, namespace: at.namespace, ...(at.identity ? { identity: at.identity } : {}) };
  const codePath = await workflowBundle();
  const workers = [
    await Worker.create({ ...options, taskQueue: 'control', workflowBundle: { codePath }, activities }),
    await Worker.create({ ...options, taskQueue: 'chunk-cpu', activities }),
    await Worker.create({ ...options, taskQueue: 'embed-cpu', activities }),
    await Worker.create({ ...options, taskQueue: 'mine-cpu', activities }),
    await Worker.create({ ...options, taskQueue: 'index-cpu', activities }),
    await Worker.create({ ...options, taskQueue: 'rescore-cpu', activities }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

function recordOf(schedule: ScheduleRecord, mine: NightlyMining, version: string): MiningRecord {
  return {
    formatVersion: 1,
    spec: miningOfNight(schedule, mine, version),
    fingerprint: 'f',
    manifestSha256: 'm',
    crossEncoderFingerprint: null,
    index: null,
  };
}

function notCarried(): never {
  throw new Error('these jobs carry nothing over');
}
