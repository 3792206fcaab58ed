import type { VectormillError } from '../../core/errors.js';
import type { JobRecord } from '../../core/job-spec.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

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
   * Lends a model for the duration of `use`. Errors: those of opening, and FINGERPRINT_MISMATCH
   * where this machine's folder is not the planned model. A model that failed is opened anew by the
   * next call.
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

  /** Closes every model, whether it is in use or not. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { opened } of entries) await (await opened.catch(() => undefined))?.close();
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

/**
 * Returns a function that gives the tokenizer of a job's model and loads each tokenizer once. Where
 * loading failed, the next call tries again. Errors: those of `load`.
 */
export function tokenizerCache(
  load: (job: JobRecord) => Promise<Tokenizer>,
): (job: JobRecord) => Promise<Tokenizer> {
  const tokenizers = new Map<string, Promise<Tokenizer>>();
  return (job) => {
    const key = job.signature.tokenizerSha256;
    const loaded = tokenizers.get(key) ?? load(job);
    tokenizers.set(key, loaded);
    loaded.catch(() => tokenizers.delete(key));
    return loaded;
  };
}
