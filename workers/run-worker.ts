import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import {
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ActivityTools } from '../activities/activity-tools.js';
import { createChunkActivities } from '../activities/chunk.js';
import { createControlActivities } from '../activities/control.js';
import { createEmbedActivities } from '../activities/embed.js';
import { createIndexActivities } from '../activities/index-version.js';
import { createMineActivities, createRescoreActivities } from '../activities/mine.js';
import { createNightActivities } from '../activities/night.js';
import { VectormillError } from '../core/errors.js';
import type { Queue } from '../core/queues.js';
import type { EncryptionKeys } from '../engine/encryption/encryption-keys.js';
import { encryptionCodec } from '../engine/encryption/payload-codec.js';
import { temporalLogger } from './log.js';
import { createWorkerTools, type ModelOpener } from './worker-tools.js';
import { workflowSource } from './workflow-source.js';

/** The time that a stopping worker has to finish its current part. */
const SHUTDOWN_GRACE = '60s';

/** The settings of a connection to Temporal that `@temporalio/client` has, too. */
type ConnectionSettings = Pick<NativeConnectionOptions, 'tls' | 'apiKey' | 'metadata'>;

export interface WorkerConfiguration extends ConnectionSettings {
  address: string;
  namespace: string;
  queues: readonly Queue[];
  models: ModelOpener;
  log: Logger;
  /** Aborting it makes the worker finish its current parts and return. */
  stop: AbortSignal;
  /** Without keys, nothing is encrypted. */
  encryption?: EncryptionKeys | undefined;
  /**
   * A file of bundled workflows; by default the bundle of the build or, in development, one made
   * from the sources.
   */
  workflowBundle?: string;
  /** The file of the failure converter, in a form that Node can load; by default the one here. */
  failureConverter?: string;
}

/** Serves the queues until it is asked to stop. Errors: TEMPORAL_UNAVAILABLE. */
export async function runWorker(configuration: WorkerConfiguration): Promise<void> {
  const { address, namespace, queues, models, log, stop, encryption, workflowBundle } = configuration;
  Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });
  const connection = await connect(configuration);
  const { tools, close } = createWorkerTools(models, log, stop);
  const workers: Worker[] = [];
  const workflows = queues.includes('control')
    ? await workflowSource(workflowBundle, { encodesFailures: encryption !== undefined })
    : {};
  const dataConverter = dataConverterOf(configuration);
  for (const queue of queues) {
    workers.push(
      await Worker.create({
        connection,
        namespace,
        taskQueue: queue,
        shutdownGraceTime: SHUTDOWN_GRACE,
        // Positions reach the server every second, which live progress and the short heartbeat
        // timeout need.
        maxHeartbeatThrottleInterval: '1s',
        dataConverter,
        ...optionsOf(queue, tools, workflows),
      }),
    );
  }
  const shutDown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  log.info({ queues, address, namespace, pid: process.pid }, 'worker.started');
  try {
    // A worker that fails stops the others, too, so that a supervisor sees the process end.
    const running = workers.map((worker) => worker.run().finally(shutDown));
    stop.addEventListener('abort', shutDown, { once: true });
    if (stop.aborted) shutDown();
    const ends = await Promise.allSettled(running);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await close();
    await connection.close();
    log.info({ pid: process.pid }, 'worker.stopped');
  }
}

/**
 * Returns the options of the worker of a queue. A process runs one more activity than it can
 * compute: while one holds the part gate, the other reads or writes. Chunk work is limited by the
 * one thread that parses.
 */
function optionsOf(
  queue: Queue,
  tools: ActivityTools,
  workflows: Partial<WorkerOptions>,
): Partial<WorkerOptions> {
  switch (queue) {
    case 'control':
      return {
        ...workflows,
        activities: { ...createControlActivities(tools), ...createNightActivities(tools) },
      };
    case 'chunk-cpu':
      return { activities: createChunkActivities(tools), maxConcurrentActivityTaskExecutions: 2 };
    case 'embed-cpu':
    case 'embed-gpu':
      return { activities: createEmbedActivities(tools), maxConcurrentActivityTaskExecutions: 2 };
    case 'index-cpu':
      // One graph takes all cores, and there is memory for one.
      return { activities: createIndexActivities(tools), maxConcurrentActivityTaskExecutions: 1 };
    case 'mine-cpu':
      return { activities: createMineActivities(tools), maxConcurrentActivityTaskExecutions: 1 };
    case 'rescore-cpu':
      return { activities: createRescoreActivities(tools), maxConcurrentActivityTaskExecutions: 1 };
  }
}

/**
 * Returns the conversion of payloads and failures. A worker without keys reads what is not
 * encrypted, and names the key that it would need.
 */
function dataConverterOf({ encryption, failureConverter }: WorkerConfiguration): DataConverter {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const own = fileURLToPath(new URL(`./encryption/failure-converter.${extension}`, import.meta.url));
  return {
    payloadCodecs: [encryptionCodec(encryption)],
    ...(encryption && { failureConverterPath: failureConverter ?? own }),
  };
}

async function connect(configuration: WorkerConfiguration): Promise<NativeConnection> {
  const { address, tls, apiKey, metadata } = configuration;
  try {
    return await NativeConnection.connect({
      address,
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata !== undefined && { metadata }),
    });
  } catch (cause) {
    throw new VectormillError('TEMPORAL_UNAVAILABLE', `no Temporal server answers at ${address}`, {
      component: 'worker',
      cause,
      remedy: 'Start one (`make up`), or set TEMPORAL_ADDRESS.',
    });
  }
}
