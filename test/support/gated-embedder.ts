import { type ErrorCode, VectormillError } from '../../core/errors.js';
import type { Embedder, Embedding, EmbedOptions } from '../../engine/model/embedder.js';
import { testEmbedder, testFingerprint, testSignature } from './test-embedder.js';

/** The test embedder behind a gate, with which a test can hold its work and let it fail once. */
export class GatedEmbedder implements Embedder {
  readonly signature = testSignature;
  readonly fingerprint = testFingerprint;
  /** The number of calls that were let through. */
  calls = 0;
  /** The number of calls that failed because a test asked for it. */
  failures = 0;
  /** The number of calls that wait at the gate. */
  waiting = 0;
  readonly #embedder = testEmbedder();
  #gate: Promise<void> | undefined;
  #openGate = () => {};
  #failure: ErrorCode | undefined;

  /** Holds every call from now on. */
  hold(): void {
    this.#gate ??= new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  /** Lets through the held calls and every later one. */
  release(): void {
    this.#openGate();
    this.#gate = undefined;
  }

  /** Lets the next call fail with this code. */
  failNext(code: ErrorCode): void {
    this.#failure = code;
  }

  async embed(texts: readonly string[], options?: EmbedOptions): Promise<Embedding> {
    await options?.turn;
    if (this.#gate) {
      this.waiting += 1;
      await this.#gate;
      this.waiting -= 1;
    }
    const code = this.#failure;
    this.#failure = undefined;
    if (code) {
      this.failures += 1;
      throw new VectormillError(code, 'as the test told it to', { component: 'test', remedy: 'None.' });
    }
    this.calls += 1;
    return this.#embedder.embed(texts, options);
  }

  async close(): Promise<void> {}
}
