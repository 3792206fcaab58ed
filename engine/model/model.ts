import type { BatchingOptions } from '../../core/batching.js';
import type { JobRecord, ModelChoice } from '../../core/job-spec.js';
import type { ModelSignature } from '../../core/model-signature.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Embedder } from './embedder.js';
import type { ExecutionProvider } from './execution-provider.js';

/** What is asked of a model; what is undefined is as the model itself says. */
export interface ModelSettings extends Omit<ModelChoice, 'maxTokens'> {
  maxTokens?: number | undefined;
  /** For int8: what an earlier calibration of the same weights measured, instead of measuring again. */
  ranges?: ModelSignature['ranges'];
}

/** A job's model exactly as it was when the job was planned. */
export function settingsOfJob({ spec, signature }: Pick<JobRecord, 'spec' | 'signature'>): ModelSettings {
  return { ...spec.model, ranges: signature.ranges };
}

/** What an opened model may use of the machine. */
export interface ModelResources {
  /** What computes; by default the CPU. */
  executionProvider?: ExecutionProvider | undefined;
  /** Sessions side by side, each fed by one thread; by default one for every available core, or two on a GPU. */
  sessions?: number | undefined;
  batching?: Partial<BatchingOptions> | undefined;
}

/** A model that was found and described, and not loaded. One implementation a kind of model. */
export interface Model {
  readonly signature: ModelSignature;
  /** sha256, hex, of the canonical signature without its name. */
  readonly fingerprint: string;
  /** The folder, file or address that it was found at. */
  readonly location: string;
  /** Refuses what `open` would refuse, without reading a weight or starting a session. */
  check(): Promise<void>;
  /** The model's own, to cut texts by. */
  tokenizer(): Promise<Tokenizer>;
  open(resources?: ModelResources): Promise<Embedder>;
}
