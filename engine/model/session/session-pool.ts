import './no-telemetry.js';
import { Piscina } from 'piscina';
import { VectormillError } from '../../../core/errors.js';
import { threadEntry } from '../../concurrency/thread-entry.js';
import { executionProviderUnavailable } from './execution-provider-needs.js';
import type { SessionResult, SessionSettings, SessionTask } from './session-task.js';

/**
 * The number of tasks that the threads get for each session: one that runs, and one that is ready
 * when it ends.
 */
const TASKS_PER_SESSION = 2;

/** A pool of ONNX Runtime sessions, each single-threaded in a worker thread of its own. */
export class SessionPool {
  private readonly waiting: (() => void)[] = [];
  private free: number;
  private running = 0;
  private whenIdle: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly threads: Piscina<SessionTask, SessionResult>,
    private readonly settings: SessionSettings,
    readonly sessions: number,
  ) {
    this.free = sessions * TASKS_PER_SESSION;
  }

  /**
   * Resolves when every session is loaded. Errors: MODEL_INVALID where a graph cannot be loaded,
   * EXECUTION_PROVIDER_UNAVAILABLE where it can be loaded on the CPU only.
   */
  static async open(
    graphFile: string,
    sessions: number,
    options: Partial<SessionSettings> = {},
  ): Promise<SessionPool> {
    const settings: SessionSettings = { executionProvider: 'cpu', ...options, graphFile };
    const threads = new Piscina<SessionTask, SessionResult>({
      ...threadEntry(import.meta.url, 'session-thread'),
      workerData: settings,
      minThreads: sessions,
      maxThreads: sessions,
      idleTimeout: Number.POSITIVE_INFINITY,
      // The next task is in the thread already when one ends, so that no session waits for this
      // thread.
      concurrentTasksPerWorker: TASKS_PER_SESSION,
    });
    // A thread that dies also fails its task, and the error is handled there.
    threads.on('error', () => undefined);
    const pool = new SessionPool(threads, settings, sessions);
    try {
      await Promise.all(Array.from({ length: pool.free }, () => pool.run(emptyTask())));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /**
   * Computes the row-major vectors of the task's rows. It waits while enough tasks are running. The
   * caller may not use the task's arrays afterwards. Errors: VECTOR_INVALID with the row of the
   * task, SESSION_LOST where the thread died or the call failed, CANCELLED after `close`.
   */
  async run(task: SessionTask): Promise<Float32Array> {
    if (this.closing) throw poolClosed();
    this.running += 1;
    await this.acquire();
    try {
      const arrays = [task.tokenIds, task.lengths, ...(task.tokenTypes ? [task.tokenTypes] : [])];
      const transferList = arrays.map((array) => array.buffer as ArrayBuffer);
      const result = await this.threads.run(task, { transferList }).catch((error: unknown) => {
        throw sessionLost(error);
      });
      return this.vectorsOf(result);
    } finally {
      this.release();
    }
  }

  /**
   * Lets running tasks end first, because stopping a thread inside a native call can crash the
   * whole process.
   */
  close(): Promise<void> {
    this.closing ??= this.closeWhenIdle();
    return this.closing;
  }

  private async closeWhenIdle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
    await this.threads.close();
  }

  private vectorsOf(result: SessionResult): Float32Array {
    if (result.outcome === 'computed') return result.vectors;
    if (result.outcome === 'invalid')
      throw new VectormillError('VECTOR_INVALID', 'the model computed a vector with NaN or Inf', {
        component: 'model',
        remedy: 'Check the weights with another tool; the same text fails again.',
        position: result.row,
      });
    if (result.outcome === 'unavailable')
      throw executionProviderUnavailable(this.settings.executionProvider, result.reason);
    const { file, reason } = result;
    throw new VectormillError('MODEL_INVALID', `the graph does not load: ${reason}`, {
      component: 'model',
      file,
      remedy:
        file === this.settings.graphFile
          ? 'Delete the named file; it is made again from the model folder.'
          : 'Fetch or export the named file again, or choose another of the folder.',
    });
  }

  private async acquire(): Promise<void> {
    if (this.free === 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.free -= 1;
  }

  private release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
    this.running -= 1;
    if (this.running === 0) this.whenIdle?.();
  }
}

function emptyTask(): SessionTask {
  return { batches: [], tokenIds: new Uint32Array(0), lengths: new Uint32Array(0), promptLength: 0 };
}

function poolClosed(): VectormillError {
  return new VectormillError('CANCELLED', 'the model was closed', {
    component: 'model',
    remedy: 'Open it again.',
  });
}

function sessionLost(cause: unknown): VectormillError {
  return new VectormillError('SESSION_LOST', 'a model session ended before its rows were done', {
    component: 'model',
    remedy: 'Try again; if it happens often, give the worker more memory or fewer sessions.',
    cause,
  });
}
