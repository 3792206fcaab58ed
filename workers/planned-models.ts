import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import type { PlannedCrossEncoder } from '../core/mining/mining-models.js';
import type { CrossEncoder } from '../engine/model/cross-encoder.js';
import type { Embedder } from '../engine/model/embedder.js';
import { ModelCache } from '../engine/model/model-cache.js';

export type EmbedderOpener = (job: JobRecord) => Promise<Embedder>;
export type CrossEncoderOpener = (planned: PlannedCrossEncoder) => Promise<CrossEncoder>;

/** Returns a cache of the models with which jobs embed. */
export function embedderCache(open: EmbedderOpener, capacity: number): ModelCache<JobRecord, Embedder> {
  return new ModelCache(open, anotherSpace, capacity);
}

/** Returns a cache of the models with which mining scores candidates a second time. */
export function crossEncoderCache(
  open: CrossEncoderOpener,
  capacity: number,
): ModelCache<PlannedCrossEncoder, CrossEncoder> {
  return new ModelCache(open, anotherCrossEncoder, capacity);
}

const REMEDY = 'Put the same model folder on every worker; `vectormill model show` prints its fingerprint.';

function anotherSpace(job: JobRecord, { signature, fingerprint }: Embedder): VectormillError {
  const planned = `${job.signature.name} (${job.fingerprint.slice(0, 12)})`;
  const held = `${signature.name} (${fingerprint.slice(0, 12)})`;
  return new VectormillError(
    'FINGERPRINT_MISMATCH',
    `these are two vector spaces: the job was planned with ${planned}, this worker holds ${held}`,
    { component: 'worker', remedy: REMEDY },
  );
}

function anotherCrossEncoder(
  { model, fingerprint: planned }: PlannedCrossEncoder,
  { fingerprint }: CrossEncoder,
): VectormillError {
  return new VectormillError(
    'FINGERPRINT_MISMATCH',
    `the cross-encoder ${model} was ${planned.slice(0, 12)} when the job was planned, and is ${fingerprint.slice(0, 12)} on this worker`,
    { component: 'worker', remedy: REMEDY },
  );
}
