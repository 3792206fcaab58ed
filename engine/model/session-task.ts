/** What a session thread is started with. */
export interface SessionSettings {
  graphFile: string;
}

/** Rows of one model call; the arrays change hands with the task. */
export interface SessionTask {
  /** The rows' token ids, one row after another without padding. */
  tokenIds: Uint32Array;
  /** The tokens' types in the same order; only graphs that tell a pair's texts apart ask for them. */
  tokenTypes?: Uint8Array;
  /** Tokens of each row. */
  lengths: Uint32Array;
  /** Tokens that every row is padded to. */
  columns: number;
  /** Leading tokens of every row that are a prompt; only graphs that leave them out of pooling ask for it. */
  promptLength: number;
}

export type SessionResult =
  /** Row-major `[rows, dimensions]`. */
  | { outcome: 'computed'; vectors: Float32Array }
  /** The graph does not load; `reason` is the runtime's message. */
  | { outcome: 'unloadable'; reason: string }
  /** This row of the batch, from 0, holds NaN or Inf. */
  | { outcome: 'invalid'; row: number };
