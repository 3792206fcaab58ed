import '../engine/model/session/no-telemetry.js';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BatchingOptions } from '../core/batching.js';

export interface BareLoopSettings {
  graphFile: string;
  folder: string;
  maxTokens: number;
  batching: BatchingOptions;
}

/**
 * A loop over onnxruntime-node in as many threads as there are sessions. The texts are dealt out to
 * the threads in turn.
 */
export class BareLoop {
  private constructor(private readonly threads: readonly Worker[]) {}

  static async open(settings: BareLoopSettings, threads: number): Promise<BareLoop> {
    const workers = Array.from(
      { length: threads },
      () => new Worker(threadCode(), { eval: true, workerData: settings }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    return new BareLoop(workers);
  }

  /** Computes the vector of every text. Returns the number of tokens computed, without padding. */
  async run(texts: readonly string[]): Promise<number> {
    const counts = await Promise.all(
      this.threads.map(async (thread, number) => {
        thread.postMessage(texts.filter((_, index) => index % this.threads.length === number));
        const [tokens] = (await once(thread, 'message')) as [number];
        return tokens;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}

/**
 * Returns code that imports the thread's file beside this one: the compiled one, or the TypeScript
 * file after its loader.
 */
function threadCode(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const file = new URL(`./bare-loop-thread.${isSource ? 'ts' : 'js'}`, import.meta.url).href;
  const load = `import(${JSON.stringify(file)})`;
  return isSource ? `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })` : load;
}
