import { addCommit, type FirstManifest, manifestFields, NO_COMMITS } from '../../../core/manifest.js';
import { readCommits } from '../../../engine/steps/fold-commits.js';
import type { OpenVersion } from '../../../engine/version/open-version.js';
import { TEST_OWNER } from '../../support/test-tools.js';
import type { StandInFile } from './stand-in-part.js';
import type { StandInPlan } from './stand-in-plan.js';

/**
 * Makes the manifest of a version of what its parent lends and what the commits of its own shards
 * list. It is of the first format, which lists files by their keys and needs no Parquet.
 */
export async function manifestOfStandIns(
  version: OpenVersion,
  { carried }: StandInPlan,
  now: number,
): Promise<FirstManifest> {
  const files: StandInFile[] = [...carried];
  let commits = NO_COMMITS;
  const run = { attempt: 'manifest', owner: TEST_OWNER, signal: NEVER_STOPPED, onPosition: () => {} };
  for await (const commit of readCommits(version, undefined, run)) {
    commits = addCommit(commits, commit);
    files.push(...commit.vectorParts.map((part) => ({ tokens: 1, ...part })));
  }
  return {
    formatVersion: 1,
    ...manifestFields({
      job: version.job,
      commits,
      input: { objects: 1, bytes: 1 },
      vectors: { precision: 'float32' },
      probe: { texts: [], vectors: [] },
      timings: { startedAt: now, finishedAt: now },
    }),
    chunkFiles: files,
    vectorFiles: files,
    rejectFiles: [],
  };
}

const NEVER_STOPPED = new AbortController().signal;
