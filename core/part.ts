import type { PartLimits } from './job-spec.js';

/**
 * A part closes at this many bytes of ids, titles and metadata, because each row repeats those of
 * its document.
 */
export const MAX_PART_BESIDE_BYTES = 64 * 1024 * 1024;

/**
 * A part closes at this many bytes of text whatever its limits are, so that one part always fits in
 * memory.
 */
export const MAX_PART_TEXT_BYTES = 32 * 1024 * 1024;

/** A durable output file, as commits and manifests list it. */
export interface PartFile {
  /** The key relative to the output root. */
  key: string;
  sha256: string;
  bytes: number;
  /**
   * Rows `[start, end)` of the shard. Of a joined part, `start` is the row of the first key, and
   * `end − start` the number of rows.
   */
  start: number;
  end: number;
  /** The row keys of the first and the last row as decimal numbers. */
  firstKey: string;
  lastKey: string;
}

/**
 * A vector file, with what a reader may check without recomputing it. The checks are about the
 * vectors as they are read back.
 */
export interface VectorPartFile extends PartFile {
  minNorm: number;
  maxNorm: number;
  /** The number of values that are NaN or infinite. It is always 0 in a committed part. */
  nanCount: number;
  /**
   * The number of tokens that a provider charged for these vectors when they were computed. Absent
   * for a model that runs here.
   */
  billedTokens?: number;
}

/** A chunk file, with the number of tokens that embedding its rows takes. */
export interface ChunkPartFile extends PartFile {
  tokens: number;
}

/**
 * The amounts that a row adds to its part: its tokens, the bytes of its text, and the bytes of its
 * document's id, title and metadata.
 */
export interface RowSize {
  nTokens: number;
  textBytes: number;
  besideBytes: number;
}

/**
 * Returns a function that says after each row whether its part is full. The answer depends on the
 * rows alone, so that every attempt at a shard cuts the same parts.
 */
export function partBoundary(limits: PartLimits): (row: RowSize) => boolean {
  let rows = 0;
  let tokens = 0;
  let textBytes = 0;
  let besideBytes = 0;
  return (row) => {
    rows += 1;
    tokens += row.nTokens;
    textBytes += row.textBytes;
    besideBytes += row.besideBytes;
    const isLarge = textBytes >= MAX_PART_TEXT_BYTES || besideBytes >= MAX_PART_BESIDE_BYTES;
    const full = rows >= limits.rows || tokens >= limits.tokens || isLarge;
    if (full) rows = tokens = textBytes = besideBytes = 0;
    return full;
  };
}

/**
 * Returns the longest run of parts that starts at row 0 and has no gap. Parts beyond a gap are not
 * adopted.
 */
export function contiguousParts<P extends { start: number; end: number }>(parts: readonly P[]): P[] {
  const sorted = [...parts].sort((a, b) => a.start - b.start || b.end - a.end);
  const run: P[] = [];
  let next = 0;
  for (const part of sorted) {
    if (part.start !== next || part.end <= part.start) continue;
    run.push(part);
    next = part.end;
  }
  return run;
}
