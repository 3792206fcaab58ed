import type { PlannedCrossEncoder } from '../activities/activity-tools.js';
import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import type { CrossEncoder } from '../engine/model/cross-encoder.js';
import type { Embedder } from '../engine/model/embedder.js';

export type EmbedderOpener = (job: JobRecord) => Promise<Embedder>;
export type CrossEncoderOpener = (planned: PlannedCrossEncoder) => Promise<CrossEncoder>;

interface Entry<Opened> {
  opened: Promise<Opened>;
  users: number;
}

/**
 * Keeps models loaded, by the fingerprint with which they were planned. It keeps at most `capacity`
 * models that are not in use.
 */
export class ModelCache<
  Planned extends { readonly fingerprint: string },
  Opened extends { readonly fingerprint: string; close(): Promise<void> },
> {
  readonly #open: (planned: Planned) => Promise<Opened>;
  readonly #mismatch: (planned: Planned, opened: Opened) => VectormillError;
  readonly #capacity: number;
  /** The entries, the least recently used first. */
  readonly #entries = new Map<string, Entry<Opened>>();

  /** `mismatch` makes the error for a model that was opened but is not the planned one. */
  constructor(
    open: (planned: Planned) => Promise<Opened>,
    mismatch: (planned: Planned, opened: Opened) => VectormillError,
    capacity: number,
  ) {
    this.#open = open;
    this.#mismatch = mismatch;
    this.#capacity = capacity;
  }

  /**
   * Errors: those of opening, and FINGERPRINT_MISMATCH where this machine's folder is not the
   * planned model.
   */
  async use<T>(planned: Planned, use: (opened: Opened) => Promise<T>): Promise<T> {
    const { fingerprint } = planned;
    const entry = this.#entries.get(fingerprint) ?? this.#load(planned);
    this.#entries.delete(fingerprint);
    this.#entries.set(fingerprint, entry);
    entry.users += 1;
    try {
      return await use(await entry.opened);
    } finally {
      entry.users -= 1;
      await this.#evict();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { opened } of entries) await (await opened).close();
  }

  #load(planned: Planned): Entry<Opened> {
    const opened = this.#open(planned).then(async (model) => {
      if (model.fingerprint === planned.fingerprint) return model;
      await model.close();
      throw this.#mismatch(planned, model);
    });
    opened.catch(() => this.#entries.delete(planned.fingerprint));
    return { opened, users: 0 };
  }

  async #evict(): Promise<void> {
    for (const [fingerprint, entry] of this.#entries) {
      if (this.#entries.size <= this.#capacity) return;
      if (entry.users > 0) continue;
      this.#entries.delete(fingerprint);
      await (await entry.opened).close();
    }
  }
}

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
