import type { PlannedCrossEncoder } from '../core/mining/mining-models.js';
import type { CrossEncoder } from '../engine/model/cross-encoder.js';
import type { StepTools } from '../engine/steps/step-context.js';
import type { VersionOpener } from '../engine/version/open-version.js';

/** The tools that a worker hands to every activity it serves. */
export interface ActivityTools extends StepTools {
  openVersion: VersionOpener;
  /** Lends a cross-encoder for the duration of `use`. It may be unloaded afterwards. */
  withCrossEncoder<T>(planned: PlannedCrossEncoder, use: (encoder: CrossEncoder) => Promise<T>): Promise<T>;
  /** Aborted when the worker was asked to stop. Work then ends at the next part. */
  draining: AbortSignal;
}
