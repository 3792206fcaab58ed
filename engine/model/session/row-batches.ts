import { shareBatches } from '../../../core/batch-shares.js';
import { type BatchingOptions, planBatches } from '../../../core/batching.js';
import { VectormillError } from '../../../core/errors.js';
import type { Precision } from '../../../core/model-signature.js';
import { embeddingCancelled } from '../model-errors.js';
import type { SessionPool } from './session-pool.js';
import type { SessionTask } from './session-task.js';

/** This many rows are tokenised and sorted together, while the sessions compute earlier ones. */
const ROWS_PER_WINDOW = 2048;
/** These values were measured: see docs/performance/model.md. */
export const DEFAULT_BATCHING: BatchingOptions = { tokenBudget: 512, paddingBudget: 8 };

/** Returns how the rows of our own graphs are batched on a CPU. */
export function batchingOf(precision: Precision): BatchingOptions {
  return precision === 'int8' ? UNPADDED_BATCHING : DEFAULT_BATCHING;
}

/**
 * The batching for graphs that are fastest without padding. Their bytes also must not change with
 * the last bits of a sum. Without padding, a row's vector is the same, bit for bit, in every batch.
 */
const UNPADDED_BATCHING: BatchingOptions = { ...DEFAULT_BATCHING, paddingBudget: 0 };

/** One row in the form that the model takes. */
export interface EncodedRow {
  ids: Uint32Array;
  /** Each token's type, for graphs that tell a pair's texts apart. */
  tokenTypes?: Uint8Array;
}

/** Batches of a window, ready for a session. */
interface PlannedShare {
  task: SessionTask;
  /** The place of each row among the rows of the call. */
  rows: Uint32Array;
  /** The number of tokens without padding; `computedTokens` includes it. */
  tokens: number;
  computedTokens: number;
}

export interface RowBatchOptions {
  /** The number of all rows. */
  rows: number;
  /** Tokenises the rows from `start`, inclusive, to `end`, exclusive. */
  encode(start: number, end: number): Promise<readonly EncodedRow[]>;
  /** The number of leading tokens of every row that pooling leaves out. */
  promptLength: number;
  batching: BatchingOptions;
  /** The number of sessions among which the batches are divided. */
  sessions: number;
}

/**
 * Plans the batches of all rows, and tokenises the next window while the batches of one are taken.
 */
export async function* planRows({
  rows: count,
  encode,
  promptLength,
  batching,
  sessions,
}: RowBatchOptions): AsyncGenerator<PlannedShare> {
  const encodeWindow = (start: number) => {
    const encodings = encode(start, Math.min(count, start + ROWS_PER_WINDOW));
    // These are awaited later. A failure that nothing awaits yet must not end the process.
    encodings.catch(() => undefined);
    return encodings;
  };
  let ahead = encodeWindow(0);
  for (let start = 0; start < count; start += ROWS_PER_WINDOW) {
    const encodings = await ahead;
    if (start + ROWS_PER_WINDOW < count) ahead = encodeWindow(start + ROWS_PER_WINDOW);
    const lengths = encodings.map(({ ids }) => ids.length);
    for (const share of shareBatches(planBatches(lengths, batching), sessions)) {
      const batches = share.map(({ rows, columns }) => ({
        rows: rows.length,
        // Without special tokens, an empty text has no tokens, but a graph needs at least one
        // column.
        columns: Math.max(columns, 1),
      }));
      const rows = Uint32Array.from(share.flatMap((batch) => [...batch.rows]));
      const task = { batches, ...joinRows(Array.from(rows, (row) => encodings[row]!)), promptLength };
      yield {
        task,
        rows: rows.map((row) => start + row),
        tokens: task.tokenIds.length,
        computedTokens: batches.reduce((sum, batch) => sum + batch.rows * batch.columns, 0),
      };
    }
  }
}

/** Joins the rows' tokens, one row after another. */
function joinRows(
  encodings: readonly EncodedRow[],
): Pick<SessionTask, 'tokenIds' | 'tokenTypes' | 'lengths'> {
  const lengths = Uint32Array.from(encodings, ({ ids }) => ids.length);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const tokenIds = new Uint32Array(tokens);
  const tokenTypes = encodings[0]?.tokenTypes && new Uint8Array(tokens);
  let at = 0;
  for (const encoding of encodings) {
    tokenIds.set(encoding.ids, at);
    if (tokenTypes && encoding.tokenTypes) tokenTypes.set(encoding.tokenTypes, at);
    at += encoding.ids.length;
  }
  return { tokenIds, lengths, ...(tokenTypes ? { tokenTypes } : {}) };
}

/** The result of all batches. */
export interface ComputedRows {
  /** Row-major `[rows, size]`, in the order of the rows. */
  values: Float32Array;
  /** The number of non-padding tokens, special tokens included. */
  tokens: number;
  paddingTokens: number;
}

export interface ComputeOptions {
  shares: AsyncGenerator<PlannedShare>;
  pool: SessionPool;
  rows: number;
  /** The number of values that the graph returns for a row. */
  size: number;
  /** The name that errors use for a row, such as `text`. */
  unit: string;
  signal?: AbortSignal | undefined;
  /** Until it resolves, rows are tokenised, but none is computed. */
  turn?: Promise<unknown> | undefined;
  /** Is called whenever rows are done, with the rows and non-padding tokens since the last call. */
  onProgress?: ((done: { rows: number; tokens: number }) => void) | undefined;
}

/**
 * Computes the batches in all sessions, and puts every row in its place. Errors: VECTOR_INVALID
 * with the number of the row, from 0; SESSION_LOST; CANCELLED.
 */
export async function computeRows(options: ComputeOptions): Promise<ComputedRows> {
  const { shares, pool, rows, size, unit, signal, turn, onProgress } = options;
  const result = { values: new Float32Array(rows * size), tokens: 0, paddingTokens: 0 };
  let failed = false;
  const takeShares = async () => {
    try {
      for await (const share of { [Symbol.asyncIterator]: () => ({ next: () => shares.next() }) }) {
        await turn;
        if (failed) return;
        if (signal?.aborted) throw embeddingCancelled(signal.reason);
        const values = await computeShare(pool, share, unit);
        for (const [index, row] of share.rows.entries())
          result.values.set(values.subarray(index * size, (index + 1) * size), row * size);
        result.tokens += share.tokens;
        result.paddingTokens += share.computedTokens - share.tokens;
        onProgress?.({ rows: share.rows.length, tokens: share.tokens });
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const takers = await Promise.allSettled(Array.from({ length: 2 * pool.sessions }, takeShares));
  for (const taker of takers) if (taker.status === 'rejected') throw taker.reason;
  return result;
}

/** Computes the batches of one task. Errors name the row's number in the call, not in the task. */
async function computeShare(pool: SessionPool, share: PlannedShare, unit: string): Promise<Float32Array> {
  return pool.run(share.task).catch((error: unknown) => {
    if (!(error instanceof VectormillError) || error.code !== 'VECTOR_INVALID') throw error;
    const { component, remedy, position = 0 } = error;
    throw new VectormillError('VECTOR_INVALID', `${error.message}, for ${unit} ${share.rows[position]}`, {
      component,
      remedy,
      position: share.rows[position] ?? 0,
    });
  });
}
