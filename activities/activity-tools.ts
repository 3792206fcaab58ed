import type { CrossEncoder } from '../engine/model/cross-encoder.js';
import type { StepTools } from '../engine/steps/step-context.js';
import type { VersionOpener } from '../engine/version/open-version.js';

/** The cross-encoder that a mining job was planned with. */
export interface PlannedCrossEncoder {
  /** A path to its folder, or its name in the cache. */
  readonly model: string;
  /** What it was when the job was planned. */
  readonly fingerprint: string;
}

/** What a worker hands to every activity it serves. */
export interface ActivityTools extends StepTools {
  openVersion: VersionOpener;
  /** Lends a cross-encoder for the time of `use`; it may be unloaded afterwards. */
  withCrossEncoder<T>(planned: PlannedCrossEncoder, use: (encoder: CrossEncoder) => Promise<T>): Promise<T>;
  /** Aborted when the worker was told to stop; work ends at the next part. */
  draining: AbortSignal;
}
