import type { MiningLayout } from '../../core/mining/mining-layout.js';
import { miningLayout } from '../../core/mining/mining-layout.js';
import type { MiningPlan } from '../../core/mining/mining-records.js';
import type { CrossEncoderStage, MiningSpec } from '../../core/mining/mining-spec.js';
import type { CrossEncoder } from '../model/cross-encoder.js';
import type { Embedder } from '../model/embedder.js';
import type { ObjectStore } from '../store/object-store.js';
import type { StoreOpener } from '../store/store-cache.js';
import { readJsonRecord } from '../version/read-json-record.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * The tools that a process has and that every mining step may use. Steps do not know what executes
 * them.
 */
export interface MiningTools {
  openStore: StoreOpener;
  /** Lends the version's own model, which may be unloaded afterwards. */
  withEmbedder<T>(version: ReadableVersion, use: (embedder: Embedder) => Promise<T>): Promise<T>;
  withCrossEncoder<T>(stage: CrossEncoderStage, use: (encoder: CrossEncoder) => Promise<T>): Promise<T>;
}

/** The values that belong to one execution of a step. */
export interface MiningRun {
  /**
   * Aborting it makes the step stop with CANCELLED at the next place where stopping costs little.
   */
  signal: AbortSignal;
  /** Is called with the units of the step's own work that are done, and the number of all. */
  onProgress(done: number, total: number): void;
}

/** Triplets that are being mined from a version. */
export interface Mining {
  version: ReadableVersion;
  store: ObjectStore;
  spec: MiningSpec;
  layout: MiningLayout;
}

export function openMining(version: ReadableVersion, spec: MiningSpec): Mining {
  return { version, store: version.store, spec, layout: miningLayout(spec) };
}

/** Reads the plan. Errors: OBJECT_NOT_FOUND before the queries are planned; FILE_DAMAGED. */
export function readMiningPlan({ store, layout }: Mining): Promise<MiningPlan> {
  return readJsonRecord<MiningPlan>(store, layout.plan, 1);
}
