import type { ChunkRow } from '../../core/chunk.js';
import { type ReusedRows, reusedCount } from '../../core/reused-rows.js';
import { decodeVectors, type StoredValues } from '../../core/vector-encoding.js';
import { needsRanges, type VectorEncoding } from '../../core/vector-precision.js';
import type { EmbedOptions } from '../model/embedder.js';
import type { StoredVectors } from '../parquet/stored-vectors.js';
import type { Lender } from '../reuse/lender.js';
import type { OpenVersion } from '../version/open-version.js';
import { lendersOf } from './lenders-of.js';
import type { StepTools } from './step-context.js';
import type { PartCosts } from './vector-part.js';

type Embedding = Pick<EmbedOptions, 'signal' | 'turn' | 'onProgress'>;

/**
 * Returns the vectors of a part's chunks, in their order. Those that an earlier version has are
 * taken from there, before the part's turn comes, and each other text is computed once. Errors:
 * those of `lendersOf`, of `Lender.lend` and of the embedder.
 */
export async function gatherVectors(
  tools: StepTools,
  version: OpenVersion,
  { chunks, encoding }: { chunks: readonly ChunkRow[]; encoding: VectorEncoding },
  embedding: Embedding,
): Promise<StoredVectors & PartCosts> {
  const { job } = version;
  const rows = new PartVectors(chunks, job.signature.dimensions);
  await rows.borrow(await lendersOf(tools, version, encoding));
  const missing = rows.missing();
  let billedTokens: number | undefined;
  if (missing.length > 0) {
    const texts = missing.map((row) => chunks[row]!.text);
    const computed = await tools.withEmbedder(job, (embedder) =>
      embedder.embed(texts, { prompt: 'document', ...embedding }),
    );
    rows.fill(missing, computed.vectors);
    billedTokens = computed.billedTokens;
  } else {
    await embedding.turn;
  }
  const { vectors, stored, reused } = rows;
  if (reused) embedding.onProgress?.(rows.beside(missing));
  const { dimensions } = job.signature;
  return { vectors, dimensions, encoding, stored, billedTokens, reused };
}

/** The vectors of a part while they are gathered, whose rows of one text share one vector. */
class PartVectors {
  /**
   * `[rows, dimensions]`; zeros in the rows whose stored numbers are known. Made when it is needed,
   * because where all rows are computed, what the embedder returns is used as it is.
   */
  #vectors: Float32Array | undefined;
  /** The stored numbers of lent rows that cannot be decoded without loss. */
  readonly stored = new Map<number, StoredValues>();
  readonly #chunks: readonly ChunkRow[];
  readonly #dimensions: number;
  /** The rows of each text that has no vector yet, the texts in the order of their first rows. */
  readonly #waiting = new Map<string, number[]>();
  readonly #lent: Record<string, number> = {};
  #repeated = 0;

  constructor(chunks: readonly ChunkRow[], dimensions: number) {
    this.#chunks = chunks;
    this.#dimensions = dimensions;
    for (const [row, { textSha256 }] of chunks.entries()) {
      const rows = this.#waiting.get(textSha256);
      if (rows) rows.push(row);
      else this.#waiting.set(textSha256, [row]);
    }
  }

  get vectors(): Float32Array {
    this.#vectors ??= new Float32Array(this.#chunks.length * this.#dimensions);
    return this.#vectors;
  }

  /** Returns what was not computed, or undefined where that is nothing. */
  get reused(): ReusedRows | undefined {
    const reused = { repeated: this.#repeated, lent: this.#lent };
    return reusedCount(reused) > 0 ? reused : undefined;
  }

  /** Takes what the lenders have. The first one that has a text lends it. */
  async borrow(lenders: readonly Lender[]): Promise<void> {
    for (const lender of lenders) {
      for await (const { textSha256, values } of lender.lend([...this.#waiting.keys()])) {
        const rows = this.#waiting.get(textSha256)!;
        this.#waiting.delete(textSha256);
        this.#keep(rows, values, lender.encoding);
        this.#lent[lender.name] = (this.#lent[lender.name] ?? 0) + rows.length;
      }
    }
  }

  /** Returns the first row of each text that has no vector yet. */
  missing(): number[] {
    return Array.from(this.#waiting.values(), ([first]) => first!);
  }

  /** Takes the vectors that were computed for these rows, `[rows, dimensions]`. */
  fill(missing: readonly number[], computed: Float32Array): void {
    if (missing.length === this.#chunks.length) {
      this.#vectors = computed;
      return;
    }
    for (const [place, rows] of [...this.#waiting.values()].entries()) {
      const start = place * this.#dimensions;
      const vector = computed.subarray(start, start + this.#dimensions);
      for (const row of rows) this.vectors.set(vector, row * this.#dimensions);
      this.#repeated += rows.length - 1;
    }
  }

  /** Returns the number and the tokens of the rows other than these. */
  beside(computed: readonly number[]): { rows: number; tokens: number } {
    const tokensOf = (chunks: readonly ChunkRow[]) => chunks.reduce((sum, { nTokens }) => sum + nTokens, 0);
    const rows = computed.map((row) => this.#chunks[row]!);
    return {
      rows: this.#chunks.length - computed.length,
      tokens: tokensOf(this.#chunks) - tokensOf(rows),
    };
  }

  #keep(rows: readonly number[], values: StoredValues, encoding: VectorEncoding): void {
    if (needsRanges(encoding.precision)) {
      for (const row of rows) this.stored.set(row, values);
      return;
    }
    const vector = decodeVectors(values, this.#dimensions, encoding);
    for (const row of rows) this.vectors.set(vector, row * this.#dimensions);
  }
}
