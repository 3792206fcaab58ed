import type { BatchingOptions } from '../../core/batching.js';
import type { JobRecord, ModelChoice } from '../../core/job-spec.js';
import type { ModelLock } from '../../core/model-lock.js';
import type { ModelSignature } from '../../core/model-signature.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Embedder } from './embedder.js';
import type { ExecutionProvider } from './execution-provider.js';

/** Settings for a model. What is undefined is taken from the model. */
export interface ModelSettings extends Omit<ModelChoice, 'maxTokens'> {
  maxTokens?: number | undefined;
  /**
   * The ranges that an earlier calibration of the same weights measured, so that it is not
   * repeated. They are for int8 only.
   */
  ranges?: ModelSignature['ranges'];
  /** The bytes that a name stands for, as a job has locked them. */
  lock?: ModelLock | undefined;
}

/** Returns the settings of a job's model, exactly as it was when the job was planned. */
export function settingsOfJob({
  spec,
  signature,
  modelLock,
}: Pick<JobRecord, 'spec' | 'signature' | 'modelLock'>): ModelSettings {
  return { ...spec.model, ranges: signature.ranges, lock: modelLock };
}

/** The resources of the machine that an opened model may use. */
export interface ModelResources {
  /** The execution provider that computes the vectors; by default the CPU. */
  executionProvider?: ExecutionProvider | undefined;
  /**
   * The number of sessions that run side by side, each with a thread of its own. The default is one
   * for each available core, or two on a GPU.
   */
  sessions?: number | undefined;
  batching?: Partial<BatchingOptions> | undefined;
}

/**
 * A model that has been found and described, but not loaded. Each kind of model has an
 * implementation.
 */
export interface Model {
  readonly signature: ModelSignature;
  /** The SHA-256, in hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** The folder, file or address at which it was found. */
  readonly location: string;
  /** The exact bytes of the model, where it was pulled by its name. */
  readonly lock?: ModelLock | undefined;
  /** Refuses what `open` would refuse, without reading weights or starting a session. */
  check(): Promise<void>;
  /** Returns the model's own tokenizer, by which texts are cut. */
  tokenizer(): Promise<Tokenizer>;
  open(resources?: ModelResources): Promise<Embedder>;
}
