import { Piscina } from 'piscina';
import { VectormillError } from '../../core/errors.js';
import { threadEntry } from '../concurrency/thread-entry.js';
import { threadLost } from './index-errors.js';
import type { IndexReply, IndexTask } from './index-thread.js';
import type { Candidates } from './usearch.js';

/**
 * A thread that calls usearch, so that the calling thread can go on sending heartbeats and reading.
 * The thread keeps the graph that it builds.
 */
export class IndexWorker {
  readonly #thread = new Piscina<IndexTask, IndexReply>({
    ...threadEntry(import.meta.url, 'index-thread'),
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
  });

  constructor() {
    // A thread that dies also fails its task, and the error is handled there.
    this.#thread.on('error', () => undefined);
  }

  /**
   * Does one task. The caller may not use the task's arrays afterwards. Errors: SESSION_LOST where
   * the thread ended, INTERNAL where usearch failed.
   */
  async run(task: IndexTask): Promise<Candidates[]> {
    const reply = await this.#thread.run(task, { transferList: arraysOf(task) }).catch((cause: unknown) => {
      throw threadLost(cause);
    });
    if (reply.outcome === 'done') return reply.candidates;
    throw new VectormillError('INTERNAL', `usearch failed: ${reply.reason}`, {
      component: 'index',
      remedy: 'Check that memory and temporary disk space are left, and try again.',
    });
  }

  /**
   * Lets the running task end first, because stopping a thread inside a native call can crash the
   * whole process.
   */
  async close(): Promise<void> {
    await this.#thread.close();
  }
}

function arraysOf(task: IndexTask): ArrayBuffer[] {
  switch (task.kind) {
    case 'add':
    case 'again':
      return buffersOf(task.keys, task.vectors);
    case 'near':
      return buffersOf(task.vectors);
    case 'exact':
      return buffersOf(task.rows, task.queries);
    default:
      return [];
  }
}

function buffersOf(...arrays: readonly (Float32Array | BigUint64Array)[]): ArrayBuffer[] {
  return arrays.map((array) => array.buffer as ArrayBuffer);
}
