import type { ExecutionProvider } from '../execution-provider.js';

/** What a session thread is started with. */
export interface SessionSettings {
  graphFile: string;
  /** Another tool's graph that runs first, and whose output the graph begins with. */
  encoder?: ExportedEncoder | undefined;
  /** What computes the encoder where there is one, else the graph. */
  executionProvider: ExecutionProvider;
}

/** What an input of a graph is filled with, for each token of a row. */
export type InputRole = 'tokens' | 'mask' | 'segments' | 'positions';

/** An input `[rows, columns]`, with what it takes. */
export interface ExportInput {
  name: string;
  role: InputRole;
  type: 'int64' | 'int32';
}

/** An encoder as another tool exported it. */
export interface ExportedEncoder {
  file: string;
  inputs: readonly ExportInput[];
  /** The name of the output to read. */
  output: string;
  /** The number of a row's first position. */
  firstPosition: number;
}

/** Rows of one or several model calls, one after another; the arrays change hands with the task. */
export interface SessionTask {
  /** The calls' rows, in order. */
  batches: readonly SessionBatch[];
  /** The rows' token ids, one row after another without padding. */
  tokenIds: Uint32Array;
  /** The tokens' types in the same order; only graphs that tell a pair's texts apart ask for them. */
  tokenTypes?: Uint8Array;
  /** Tokens of each row. */
  lengths: Uint32Array;
  /** Leading tokens of every row that are a prompt; only graphs that leave them out of pooling ask for it. */
  promptLength: number;
}

/** One model call. */
export interface SessionBatch {
  /** The next so many rows. */
  rows: number;
  /** Tokens that every row is padded to. */
  columns: number;
}

export type SessionResult =
  /** Row-major `[rows, dimensions]`. */
  | { outcome: 'computed'; vectors: Float32Array }
  /** The file does not load; `reason` is the runtime's message. */
  | { outcome: 'unloadable'; file: string; reason: string }
  /** The file loads on the CPU, and not with the execution provider; `reason` is the runtime's message. */
  | { outcome: 'unavailable'; reason: string }
  /** This row of the task, from 0, holds NaN or Inf. */
  | { outcome: 'invalid'; row: number };
