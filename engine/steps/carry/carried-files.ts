import { withoutDead } from '../../../core/carry/live-ranges.js';
import { changesOf, type VersionChanges } from '../../../core/carry/version-changes.js';
import type { ShardCommit } from '../../../core/commit.js';
import { firstShardOf } from '../../../core/job-spec.js';
import {
  addCommit,
  type CommitTotals,
  type ManifestInputs,
  NO_COMMITS,
  type SecondManifest,
} from '../../../core/manifest.js';
import { sliceTotals } from '../../../core/plan.js';
import { rowsIn } from '../../../core/version-parts.js';
import type { OpenVersion } from '../../version/open-version.js';
import { VersionLists } from '../write-lists.js';
import { carriedCorpus } from './carried-corpus.js';
import { CarryingCorpusLister } from './carrying-corpus-lister.js';
import { readRunsByShard } from './dead-rows.js';
import { type ListedPartFiles, listedParts } from './listed-parts.js';
import { readResolved } from './resolution.js';
import { sliceOrder } from './slice-order.js';

/** The facts that a manifest states about the files of its version. */
export interface ListedVersion extends Pick<SecondManifest, 'origins' | 'nextShard' | 'lists'> {
  commits: CommitTotals;
  /** Absent where nothing is carried over. */
  changes?: VersionChanges;
  input: ManifestInputs['input'];
}

/**
 * Lists the files of a version that carries rows over: the parts of the parent with the rows that
 * still live, and then those of its own shards. Totals are those of the whole version. Errors:
 * those of `carriedCorpus` and of the commits.
 */
export async function carriedFiles(
  version: OpenVersion,
  commitsOf: () => AsyncIterable<ShardCommit>,
): Promise<ListedVersion> {
  const { job } = version;
  const parent = await carriedCorpus(version);
  const order = await sliceOrder(version, parent);
  const resolved = await readResolved(version);
  const corpus = new CarryingCorpusLister(version, { parent, order, resolved });
  const lists = new VersionLists(version, corpus);
  const origins = [job.spec.version];
  if (parent)
    for await (const { part, vectors } of carriedParts(version, parent.manifest, origins))
      await lists.addPart(part, vectors);
  for (const file of resolved.rejectFiles) await lists.addRejects(file);
  let commits = NO_COMMITS;
  for await (const commit of commitsOf()) {
    commits = addCommit(commits, commit);
    await lists.add(commit);
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
    input: sliceTotals(slices),
    origins,
    nextShard: firstShardOf(job) + (await version.plan()).length,
    lists: written,
  };
}

/**
 * Yields the parts of the parent that have live rows, with the rows that live. Origins that are not
 * listed yet are added to `origins`.
 */
async function* carriedParts(
  version: OpenVersion,
  parent: SecondManifest,
  origins: string[],
): AsyncGenerator<ListedPartFiles> {
  const dead = await readRunsByShard(version.store, version.layout.deadRows);
  const originOf = (place: number) => {
    // The files of the parent were looked up below these before, so that each is named.
    const name = parent.origins[place]!;
    if (!origins.includes(name)) origins.push(name);
    return origins.indexOf(name);
  };
  for await (const { part, vectors } of listedParts(version, parent)) {
    const live = withoutDead(part.live, dead.get(part.shard) ?? []);
    if (rowsIn(live) === 0) continue;
    yield {
      part: { ...part, live, origin: originOf(part.origin) },
      vectors: { ...vectors, origin: originOf(vectors.origin) },
    };
  }
}
