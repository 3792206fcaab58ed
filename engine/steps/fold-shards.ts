import { inputTotals } from '../../core/plan.js';
import { NO_SHARD_TOTALS, type ShardTotals } from '../../core/progress.js';
import type { FoldKind, ShardGroup } from '../../core/shard-groups.js';
import type { OpenVersion } from '../version/open-version.js';
import { foldCommits } from './fold-commits.js';
import { foldIds } from './fold-ids.js';
import { foldRanges } from './reduce-ranges.js';
import type { StepRun } from './step-context.js';

/** A group of shards, and what is folded of them. */
export interface FoldWork {
  kind: FoldKind;
  group: ShardGroup;
}

/**
 * Folds files of a group of shards into one, so that a later step reads that one. Returns what the
 * shards count together, which is shown while ids are folded. Errors: those of the folds.
 */
export async function foldShards(
  version: OpenVersion,
  { kind, group }: FoldWork,
  run: StepRun,
): Promise<ShardTotals> {
  const shards = (await version.plan()).slice(group.from, group.to);
  const totals = { ...NO_SHARD_TOTALS, shards: shards.length, bytes: inputTotals(shards).bytes };
  if (kind === 'ids') return { ...totals, ...(await foldIds(version, group, run)) };
  await (kind === 'ranges' ? foldRanges : foldCommits)(version, group, run);
  return totals;
}
