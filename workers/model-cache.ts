import { VectormillError } from '../core/errors.js';
import type { JobRecord } from '../core/job-spec.js';
import type { Embedder } from '../engine/model/embedder.js';

export type EmbedderOpener = (job: JobRecord) => Promise<Embedder>;

interface Entry {
  embedder: Promise<Embedder>;
  users: number;
}

/** Keeps loaded models by fingerprint, at most `capacity` beyond those in use. */
export class ModelCache {
  readonly #open: EmbedderOpener;
  readonly #capacity: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();

  constructor(open: EmbedderOpener, capacity: number) {
    this.#open = open;
    this.#capacity = capacity;
  }

  /** Errors: those of opening; FINGERPRINT_MISMATCH when this machine's folder is not the job's model. */
  async use<T>(job: JobRecord, use: (embedder: Embedder) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(job.fingerprint) ?? this.#load(job);
    this.#entries.delete(job.fingerprint);
    this.#entries.set(job.fingerprint, entry);
    entry.users += 1;
    try {
      return await use(await entry.embedder);
    } finally {
      entry.users -= 1;
      await this.#evict();
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { embedder } of entries) await (await embedder).close();
  }

  #load(job: JobRecord): Entry {
    const embedder = this.#open(job).then(async (opened) => {
      if (opened.fingerprint === job.fingerprint) return opened;
      await opened.close();
      throw anotherModel(job, opened);
    });
    embedder.catch(() => this.#entries.delete(job.fingerprint));
    return { embedder, users: 0 };
  }

  async #evict(): Promise<void> {
    for (const [fingerprint, entry] of this.#entries) {
      if (this.#entries.size <= this.#capacity) return;
      if (entry.users > 0) continue;
      this.#entries.delete(fingerprint);
      await (await entry.embedder).close();
    }
  }
}

function anotherModel(job: JobRecord, opened: Embedder): VectormillError {
  return new VectormillError(
    'FINGERPRINT_MISMATCH',
    `these are two vector spaces: the job was planned with ${job.signature.name} (${job.fingerprint.slice(0, 12)}), this worker holds ${opened.signature.name} (${opened.fingerprint.slice(0, 12)})`,
    {
      component: 'worker',
      remedy: 'Put the same model folder on every worker; `vectormill model show` prints its fingerprint.',
    },
  );
}
