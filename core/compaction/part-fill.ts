import type { PartLimits } from '../job-spec.js';
import type { RowRange } from '../row-ranges.js';
import { rowsIn } from '../version-parts.js';

/** The size of a part, and which of its rows live. */
export interface SizedPart {
  start: number;
  end: number;
  live: readonly RowRange[];
  /** The tokens of all rows. */
  tokens: number;
}

/** Returns the share of a full part that the live rows of a part are. */
export function fillOf({ start, end, live, tokens }: SizedPart, limits: PartLimits): number {
  const rows = rowsIn(live);
  return Math.max(rows / limits.rows, ((rows / (end - start)) * tokens) / limits.tokens);
}
