import { type JobRecord, withModels } from '../job-spec.js';
import type { ModelLock } from '../model-lock.js';
import type { CrossEncoderStage, MiningRecord } from './mining-spec.js';

/** The cross-encoder that a mining job was planned with. */
export interface PlannedCrossEncoder {
  /** The model as a path to its folder, or by its name in the cache. */
  readonly model: string;
  /** The fingerprint that the cross-encoder had when the job was planned. */
  readonly fingerprint: string;
  /** Its bytes, where it was pulled by name. */
  readonly lock?: ModelLock | undefined;
  /** The root of objects to take these bytes from in place of the hub. */
  readonly models?: string | undefined;
}

/** Returns the cross-encoder of a job that has this stage. */
export function plannedCrossEncoder(
  { spec, crossEncoderFingerprint, crossEncoderLock }: MiningRecord,
  { model }: CrossEncoderStage,
): PlannedCrossEncoder {
  // A record whose spec asks for a cross-encoder also has its fingerprint.
  return { model, fingerprint: crossEncoderFingerprint!, lock: crossEncoderLock, models: spec.models };
}

/** Returns the job that made a version, with its model where mining looks for models. */
export function jobOfMinedVersion(job: JobRecord, { spec }: Pick<MiningRecord, 'spec'>): JobRecord {
  return withModels(job, spec.models);
}
