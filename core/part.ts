import type { PartLimits } from './job-spec.js';

/** Text bytes at which a part closes whatever its limits say, so that one part always fits in memory. */
export const MAX_PART_TEXT_BYTES = 32 * 1024 * 1024;

/** A durable output file, as commits and manifests list it. */
export interface PartFile {
  /** Relative to the output root. */
  key: string;
  sha256: string;
  bytes: number;
  /** Rows `[start, end)` of the shard. */
  start: number;
  end: number;
  /** Decimal row keys of the first and last row. */
  firstKey: string;
  lastKey: string;
}

/** A vector file, with what a reader may check without recomputing it: of the vectors as they are read back. */
export interface VectorPartFile extends PartFile {
  minNorm: number;
  maxNorm: number;
  /** Values that are NaN or infinite; always 0 in a committed part. */
  nanCount: number;
  /** What a provider charged for these vectors, when they were computed; absent for a model of one's own. */
  billedTokens?: number;
}

/** A chunk file, with the tokens its rows will cost. */
export interface ChunkPartFile extends PartFile {
  tokens: number;
}

/**
 * Says after each row whether its part is full. Depends on the rows alone, so that every attempt at a shard cuts the
 * same parts.
 */
export function partBoundary(limits: PartLimits): (row: { nTokens: number; textBytes: number }) => boolean {
  let rows = 0;
  let tokens = 0;
  let textBytes = 0;
  return (row) => {
    rows += 1;
    tokens += row.nTokens;
    textBytes += row.textBytes;
    const full = rows >= limits.rows || tokens >= limits.tokens || textBytes >= MAX_PART_TEXT_BYTES;
    if (full) rows = tokens = textBytes = 0;
    return full;
  };
}

/** The longest run of parts that starts at row 0 without a gap; what lies beyond a gap is not adopted. */
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
