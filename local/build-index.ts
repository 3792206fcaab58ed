import { refusalsAsFailures } from '../core/errors.js';
import type { IndexManifest } from '../core/index/index-manifest.js';
import type { BuiltGraph } from '../engine/index/build-graph.js';
import { buildShard, type IndexPlan, rebuiltIfPoor, withSoundGraphs } from '../engine/index/build-index.js';
import { publishIndex } from '../engine/index/publish-index.js';
import type { ReadableVersion } from '../engine/version/resolve-version.js';
import { untilDone } from './attempts.js';

export interface LocalIndexRun {
  /**
   * The number of threads that add rows to a graph side by side. One graph is built after the
   * other.
   */
  threads: number;
  signal: AbortSignal;
  /** Is called with the number of rows that are in a graph, and the number of all rows. */
  onRows(done: number, total: number): void;
  /**
   * Is called with the number of vector files that the gate has compared its queries with, and the
   * number of all.
   */
  onGate(done: number, total: number): void;
  /** Is called before a step is tried again, with what it failed with. */
  onRetry(error: Error): void;
}

/**
 * Builds the graphs of a plan that are missing, measures the index and publishes it, in this
 * process, with the steps that workers run. Once the signal is aborted it ends with CANCELLED; run
 * again, it goes on with the next graph. Errors: RECALL_TOO_LOW, after which nothing is published,
 * and those of `buildShard` and `publishIndex`.
 */
export async function buildIndexLocally(
  version: ReadableVersion,
  planned: IndexPlan,
  run: LocalIndexRun,
): Promise<{ manifest: IndexManifest; reused: number }> {
  if (planned.existing) return { manifest: planned.existing, reused: planned.existing.shards.length };
  const { signal, onRetry, onGate } = run;
  return refusalsAsFailures(async () => {
    const sound = await untilDone(() => withSoundGraphs(version, planned), { signal, onRetry });
    return rebuiltIfPoor(version, sound, async (plan) => {
      const built = await buildGraphs(version, plan, run);
      const records = built.map(({ record }) => record);
      const publish = () => publishIndex(version, plan, records, { signal, onFile: onGate });
      const manifest = await untilDone(publish, { signal, onRetry });
      const followed = plan.followed?.graphs.length ?? 0;
      return { manifest, reused: followed + built.filter(({ reused }) => reused).length };
    });
  });
}

async function buildGraphs(
  version: ReadableVersion,
  plan: IndexPlan,
  { threads, signal, onRows, onRetry }: LocalIndexRun,
): Promise<BuiltGraph[]> {
  const total = plan.shards.reduce((sum, { rows }) => sum + rows, 0);
  const built: BuiltGraph[] = [];
  let before = 0;
  for (const [shard, { rows }] of plan.shards.entries()) {
    const start = before;
    const run = { threads, signal, onRows: (done: number) => onRows(start + done, total) };
    built.push(await untilDone(() => buildShard(version, plan, shard, run), { signal, onRetry }));
    before += rows;
  }
  return built;
}
