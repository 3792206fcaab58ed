import { changesOf, type VersionChanges } from '../../../core/carry/version-changes.js';
import type { ShardCommit } from '../../../core/commit.js';
import { type CompactionCounts, NOTHING_COMPACTED } from '../../../core/compaction/compaction-counts.js';
import { type CompactionPlan, planCompaction } from '../../../core/compaction/plan-compaction.js';
import { firstShardOf } from '../../../core/job-spec.js';
import {
  addCommit,
  type CommitTotals,
  type ManifestInputs,
  NO_COMMITS,
  type SecondManifest,
} from '../../../core/manifest.js';
import { sliceTotals } from '../../../core/plan.js';
import type { OpenVersion } from '../../version/open-version.js';
import { compactParts, type ListablePart } from '../compaction/compact-parts.js';
import type { StepRun } from '../step-context.js';
import { ownParts, VersionLists } from '../write-lists.js';
import { carriedCorpus } from './carried-corpus.js';
import { CarryingCorpusLister } from './carrying-corpus-lister.js';
import { LivingParts } from './living-parts.js';
import { readResolved } from './resolution.js';
import { sliceOrder } from './slice-order.js';

/** The facts that a manifest states about the files of its version. */
export interface ListedVersion extends Pick<SecondManifest, 'origins' | 'nextShard' | 'lists'> {
  commits: CommitTotals;
  /** Absent where nothing is carried over. */
  changes?: VersionChanges;
  /** Absent where no rows were moved. */
  compacted?: CompactionCounts;
  input: ManifestInputs['input'];
}

/** The commits of a version that carries rows over, and the choice of what is joined. */
export interface CarriedListing {
  commitsOf: () => AsyncIterable<ShardCommit>;
  run: StepRun;
  plan?: CompactionPlan | undefined;
}

/**
 * Lists the files of a version that carries rows over: the parts of the parent with the rows that
 * still live, and then those of its own shards. Neighbours of which little lives, or which are
 * small, are joined before, as far as `plan` says. Totals are those of the whole version. Errors:
 * those of `carriedCorpus`, of the commits and of `compactParts`.
 */
export async function carriedFiles(
  version: OpenVersion,
  { commitsOf, run, plan = planCompaction }: CarriedListing,
): Promise<ListedVersion> {
  const { job } = version;
  const parent = await carriedCorpus(version);
  const order = await sliceOrder(version, parent);
  const resolved = await readResolved(version);
  const corpus = new CarryingCorpusLister(version, { parent, order, resolved });
  const lists = new VersionLists(version, corpus);
  const parts = await LivingParts.open(version, parent?.manifest);
  for (const file of resolved.rejectFiles) await lists.addRejects(file);
  let commits = NO_COMMITS;
  const own: ListablePart[] = [];
  for await (const commit of commitsOf()) {
    commits = addCommit(commits, commit);
    own.push(...ownParts(commit));
    await lists.addBesideParts(commit);
  }
  const counts = { ...NOTHING_COMPACTED };
  const origins = [job.spec.version];
  for await (const listed of compactParts(version, parts.followedBy(own), { plan, counts, run })) {
    const { part, vectors } = parts.withOrigins(listed, origins);
    await lists.addPart(part, vectors);
  }
  const written = await lists.finish();
  const { documents, chunks, tokens, truncated } = corpus.totals;
  const slices = order.slices.map(({ slice }) => slice);
  return {
    commits: {
      ...commits,
      documents,
      chunks,
      tokens,
      truncated,
      rejects: resolved.rejects,
      outputBytes: lists.bytes,
    },
    ...(parent && { changes: changesOf(resolved) }),
    ...(counts.parts > 0 && { compacted: counts }),
    input: sliceTotals(slices),
    origins,
    nextShard: firstShardOf(job) + (await version.plan()).length,
    lists: written,
  };
}
