export const CHUNKING_STRATEGIES = ['none', 'fixed', 'sentence', 'recursive'] as const;
export type ChunkingStrategy = (typeof CHUNKING_STRATEGIES)[number];

export interface ChunkingOptions {
  strategy: ChunkingStrategy;
  /**
   * The largest number of tokens in a chunk, special tokens and prefix included. It is at most the
   * model's own limit.
   */
  maxTokens: number;
  /** The number of tokens that neighbouring chunks share; for `fixed` only. */
  overlap: number;
  /**
   * The parts of the document that are put before each chunk's text so that it can be understood
   * alone.
   */
  prefix: readonly ('title' | 'headings')[];
}

/** A span of one document that is embedded as one unit. */
export interface Chunk {
  /** The chunk's number within the document, from 0. */
  index: number;
  /**
   * The span in the document's text, in Unicode code points; the start is inclusive and the end
   * exclusive.
   */
  charStart: number;
  charEnd: number;
  /** The text that is embedded: the prefix, if any, and the span. */
  text: string;
  /** The number of tokens that are embedded, special tokens included, after truncation. */
  nTokens: number;
  /** Whether the model sees less than `text` holds. */
  truncated: boolean;
}

/** One row of a chunk file. */
export interface ChunkRow {
  chunkId: string;
  rowKey: bigint;
  docId: string;
  chunkIndex: number;
  charStart: number;
  charEnd: number;
  nTokens: number;
  truncated: boolean;
  /** sha256, hex, of `text` in UTF-8. */
  textSha256: string;
  text: string;
  title?: string;
  /** JSON of the document's metadata. */
  metadata?: string;
}
