import type { MiningPhase } from '../../engine/mining/plan-mining.js';
import { showProgress } from '../progress.js';

/** Shows the current phase of mining while the work is done or waited for. */
export async function withMiningProgress<T>(
  json: boolean,
  work: (onProgress: (phase: MiningPhase, done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  let progress: ReturnType<typeof showProgress> | undefined;
  let current: MiningPhase | undefined;
  try {
    return await work((phase, done, total) => {
      if (phase !== current) {
        progress?.stop();
        progress = showProgress(phase, 'steps', json);
        current = phase;
      }
      progress?.update(done, total);
    });
  } finally {
    progress?.stop();
  }
}
