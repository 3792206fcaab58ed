import type { ExecutionProvider } from '../execution-provider.js';

/** The settings with which a session thread starts. */
export interface SessionSettings {
  graphFile: string;
  /** Another tool's graph that runs first. Its output is an input of the graph. */
  encoder?: ExportedEncoder | undefined;
  /** The execution provider that computes the encoder if there is one, and otherwise the graph. */
  executionProvider: ExecutionProvider;
}

/** The values that an input of a graph holds for each token of a row. */
export type InputRole = 'tokens' | 'mask' | 'segments' | 'positions';

/** An input `[rows, columns]`, with what it holds. */
export interface ExportInput {
  name: string;
  role: InputRole;
  type: 'int64' | 'int32';
}

/** An encoder that another tool exported. */
export interface ExportedEncoder {
  file: string;
  inputs: readonly ExportInput[];
  /** The name of the output to read. */
  output: string;
  /** The number of a row's first position. */
  firstPosition: number;
}

/**
 * Rows of one or several model calls, one after another. The caller may not use the arrays after
 * handing over the task.
 */
export interface SessionTask {
  /** The rows of each call, in order. */
  batches: readonly SessionBatch[];
  /** The rows' token ids, one row after another, without padding. */
  tokenIds: Uint32Array;
  /** The tokens' types in the same order. Only graphs that tell a pair's texts apart need them. */
  tokenTypes?: Uint8Array;
  /** The number of tokens of each row. */
  lengths: Uint32Array;
  /**
   * The number of leading tokens of every row that belong to a prompt. Only graphs that leave the
   * prompt out of pooling need it.
   */
  promptLength: number;
}

/** One model call. */
export interface SessionBatch {
  /** The number of the following rows that belong to the call. */
  rows: number;
  /** The number of tokens to which every row is padded. */
  columns: number;
}

export type SessionResult =
  /** Row-major `[rows, dimensions]`. */
  | { outcome: 'computed'; vectors: Float32Array }
  /** The file cannot be loaded. `reason` is the runtime's message. */
  | { outcome: 'unloadable'; file: string; reason: string }
  /**
   * The file can be loaded on the CPU, but not with the execution provider. `reason` is the
   * runtime's message.
   */
  | { outcome: 'unavailable'; reason: string }
  /** The vector of this row of the task, from 0, holds NaN or Inf. */
  | { outcome: 'invalid'; row: number };
