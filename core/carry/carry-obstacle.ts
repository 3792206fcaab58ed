import { canonicalJson } from '../canonical-json.js';
import { type Editions, editionsOf } from '../editions.js';
import { type JobRecord, type JobSpec, vectorPrecisionOf } from '../job-spec.js';
import type { Manifest } from '../manifest.js';

/** The part of a job by which it is decided whether it may carry rows over. */
export type CarryingJob = Pick<JobRecord, 'signature' | 'fingerprint' | 'editions'> & {
  spec: Omit<JobSpec, 'version'>;
};

/**
 * Returns why a job cannot carry over the rows of a version, as a phrase such as `other chunking`.
 * Undefined where it may. Rows are carried only if the same documents would be read from the same
 * bytes, and cut at the same places. `unicode` is the Unicode data of this process.
 */
export function carryObstacle(
  job: CarryingJob,
  parent: { job: CarryingJob; manifest: Manifest },
  unicode: string,
): string | undefined {
  const { manifest } = parent;
  const corpus = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  if (!corpus) return 'it lists none of its documents';
  if (manifest.fingerprint !== job.fingerprint) return 'another model';
  const [theirs, own] = [parent.job.spec, job.spec];
  const differs = (name: 'input' | 'chunking') => canonicalJson(theirs[name]) !== canonicalJson(own[name]);
  if (differs('input')) return 'other input options';
  if (differs('chunking')) return 'other chunking';
  if (vectorPrecisionOf(theirs) !== vectorPrecisionOf(own)) return 'vectors of another precision';
  const [older, newer] = [editionsOf(parent.job), editionsOf(job)];
  const edition = (['reader', 'chunker'] satisfies (keyof Editions)[]).find(
    (part) => older[part] !== newer[part],
  );
  if (edition) return `another edition of the ${edition}`;
  if (corpus.unicode.some((data) => data !== unicode)) return 'other Unicode data';
  return undefined;
}
