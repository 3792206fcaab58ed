import { VectormillError } from '../core/errors.js';

interface Closeable {
  close(): Promise<void>;
}

/**
 * The resources that have been opened for one owner: each resource once, when it is first needed,
 * and all of them until the owner is closed.
 */
export class OpenedResources {
  readonly #owner: string;
  readonly #opened = new Map<string, Promise<Closeable>>();
  #isClosed = false;

  /** `owner` is what a user closes, as messages name it. */
  constructor(owner: string) {
    this.#owner = owner;
  }

  /**
   * Returns the resource with this name, and opens it if it is not open. One that could not be
   * opened is tried again by the next call. Errors: those of `open`; USAGE after `close`.
   */
  async get<Resource extends Closeable>(name: string, open: () => Promise<Resource>): Promise<Resource> {
    this.assertOpen();
    const known = this.#opened.get(name) as Promise<Resource> | undefined;
    if (known) return known;
    const opening = open();
    this.#opened.set(name, opening);
    opening.catch(() => this.#opened.delete(name));
    return opening;
  }

  /** Errors: USAGE after `close`. */
  assertOpen(): void {
    if (!this.#isClosed) return;
    throw new VectormillError('USAGE', `${this.#owner} is closed`, {
      component: 'api',
      remedy: 'Open it again, or close it later.',
    });
  }

  /** Closes everything, also what is still being opened. A second call does nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#opened.values()];
    this.#opened.clear();
    const resources = await Promise.allSettled(all);
    for (const resource of resources) if (resource.status === 'fulfilled') await resource.value.close();
  }
}
