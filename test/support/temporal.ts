import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowStartOptions } from '@temporalio/client';
import pino from 'pino';
import type { JobRecord } from '../../core/job-spec.js';
import { QUEUES, type Queue } from '../../core/queues.js';
import {
  EMBED_JOB,
  type EmbedJobInput,
  type JobProgress,
  type JobSummary,
  QUERIES,
  workflowId,
} from '../../core/workflow-api.js';
import type { EncryptionKeys } from '../../engine/encryption/encryption-keys.js';
import { encryptionCodec } from '../../engine/encryption/payload-codec.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { runWorker } from '../../workers/run-worker.js';
import type { ModelOpener } from '../../workers/worker-tools.js';
import { compiledFailureConverter } from './encryption.js';
import { requireStack } from './stack.js';
import { testEmbedder } from './test-embedder.js';
import { testTokenizer } from './test-tokenizer.js';
import { workflowBundle } from './workflow-bundle.js';

/**
 * A namespace of the run's Temporal server for one test file, so that no other file's worker takes
 * its tasks.
 */
export interface TestNamespace {
  address: string;
  namespace: string;
  client: Client;
  close(): Promise<void>;
}

export async function testNamespace(): Promise<TestNamespace> {
  const { temporalAddress: address } = requireStack();
  const connection = await Connection.connect({ address });
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 } as never,
  });
  const client = new Client({ connection, namespace });
  // The parts of the server learn about a new namespace at different times. It is ready when a
  // workflow can be started.
  await eventually(async () => {
    const handle = await client.workflow.start('probe', { taskQueue: 'probe', workflowId: 'probe' });
    await handle.terminate();
    return true;
  });
  return { address, namespace, client, close: () => connection.close() };
}

/**
 * Asks again until the answer is true. An error counts as no answer. The test's own timeout ends
 * the loop.
 */
export async function eventually(ask: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface TestWorker {
  /** The lines of the worker's log. */
  log: Record<string, unknown>[];
  stop(): Promise<void>;
}

/**
 * Starts a real worker in this process, on every queue, with the test embedder or the one that a
 * test gives.
 */
export function startTestWorker(namespace: TestNamespace, embedder: Embedder = testEmbedder()): TestWorker {
  return startWorkerWith(namespace, testModels(embedder));
}

/**
 * Returns the test embedder, or the one that a test gives, for every job. There is no
 * cross-encoder.
 */
export function testModels(embedder: Embedder = testEmbedder()): ModelOpener {
  return {
    embedder: async () => embedder,
    tokenizer: async () => testTokenizer,
    crossEncoder: async () => {
      throw new Error('no cross-encoder was expected');
    },
  };
}

/** Makes a client that encrypts, and reads what workers with these keys have encrypted. */
export function encryptingClient({ client }: TestNamespace, keys: EncryptionKeys): Client {
  const { connection, namespace } = client.options;
  const dataConverter = { payloadCodecs: [encryptionCodec(keys)] };
  return new Client({ connection: connection as Connection, namespace, dataConverter });
}

/** Starts a worker whose models are opened according to the job. */
export function startWorkerWith(
  { address, namespace }: Pick<TestNamespace, 'address' | 'namespace'>,
  models: ModelOpener,
  {
    encryption,
    queues = QUEUES,
  }: { encryption?: EncryptionKeys | undefined; queues?: readonly Queue[] } = {},
): TestWorker {
  const stop = new AbortController();
  const log: Record<string, unknown>[] = [];
  const running = workflowBundle().then((bundle) =>
    runWorker({
      address,
      namespace,
      queues,
      models,
      log: pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) }),
      stop: stop.signal,
      workflowBundle: bundle,
      ...(encryption && { encryption, failureConverter: compiledFailureConverter() }),
    }),
  );
  return {
    log,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Starts a job as `vectormill run` does. */
export async function startJob(
  { client }: Pick<TestNamespace, 'client'>,
  job: JobRecord,
  more: Pick<WorkflowStartOptions, 'workflowTaskTimeout'> = {},
) {
  const { dataset, version, output } = job.spec;
  return client.workflow.start<(input: EmbedJobInput) => Promise<JobSummary>>(EMBED_JOB, {
    workflowId: workflowId(job.spec),
    taskQueue: 'control',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    memo: { dataset, version, output, job },
    ...more,
    args: [{ job }],
  });
}

export type JobHandle = Awaited<ReturnType<typeof startJob>>;

export async function progressOf(handle: JobHandle): Promise<JobProgress> {
  return handle.query<JobProgress>(QUERIES.progress);
}

/** Returns the code with which a job failed: the type of the innermost failure. */
export async function failureOf(handle: {
  result(): Promise<unknown>;
}): Promise<{ type: string | undefined; message: string }> {
  try {
    await handle.result();
  } catch (error) {
    let innermost = error as Error & { type?: string };
    while (innermost.cause instanceof Error) innermost = innermost.cause;
    return { type: innermost.type ?? innermost.name, message: innermost.message };
  }
  throw new Error('the job did not fail');
}
