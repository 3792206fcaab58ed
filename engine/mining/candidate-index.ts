import { indexLayout } from '../../core/index/index-layout.js';
import type { CandidateIndex } from '../../core/mining/mining-spec.js';
import { metricOf } from '../../core/similarity.js';
import { sha256 } from '../files/hash.js';
import { type OpenIndex, type OpenIndexOptions, openIndex } from '../index/open-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { miningError } from './mining-errors.js';

/**
 * Opens an index by which candidates may be found, and returns what a job records about it. The
 * caller closes it. Errors: those of `openIndex`; JOB_INVALID where its metric is not the one by
 * which negatives are chosen.
 */
export async function openCandidateIndex(
  version: ReadableVersion,
  name: string,
  options: OpenIndexOptions = {},
): Promise<{ index: OpenIndex; record: CandidateIndex }> {
  const { store, location } = version;
  const index = await openIndex(version, name, options);
  const { graph, gate } = index.manifest;
  const metric = metricOf(version.manifest.signature);
  if (graph.metric !== metric) {
    await index.close();
    const remedy =
      metric === 'l1' ? 'Leave' : `Name an index that was built with \`--metric ${metric}\`, or leave`;
    throw miningError(
      'JOB_INVALID',
      `the index ${name} compares by ${graph.metric}, and negatives are chosen by the model's own similarity (${metric})`,
      `${remedy} \`candidates\` out.`,
    );
  }
  const { manifest } = indexLayout(location.dataset, location.version, name);
  const manifestSha256 = sha256(await store.get(manifest));
  return { index, record: { name, manifestSha256, recall: gate.recall, k: gate.k } };
}

/**
 * Opens the index that a job has recorded, for many queries. Errors: INDEX_MISMATCH where another
 * index has its name now, and those of `openCandidateIndex`.
 */
export async function reopenCandidateIndex(
  version: ReadableVersion,
  noted: CandidateIndex,
): Promise<OpenIndex> {
  const { index, record } = await openCandidateIndex(version, noted.name);
  if (record.manifestSha256 === noted.manifestSha256) return index;
  await index.close();
  throw miningError(
    'INDEX_MISMATCH',
    `the index ${noted.name} is not the one that the mining began with`,
    'Restore the index, or mine under another `name`.',
  );
}
