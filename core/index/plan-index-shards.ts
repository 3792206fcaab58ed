import type { LivePart } from '../version-parts.js';

/** A run of parts whose live rows make one graph. */
export interface IndexShard {
  parts: readonly LivePart[];
  rows: number;
}

/**
 * Cuts the parts, in the order given, into runs. Each run has at most `shardRows` rows, or consists
 * of one part that has more. Parts appended to a version leave all runs but the last as they were.
 */
export function planIndexShards(parts: Iterable<LivePart>, shardRows: number): IndexShard[] {
  const shards: { parts: LivePart[]; rows: number }[] = [];
  for (const part of parts) {
    const last = shards.at(-1);
    if (last && last.rows + part.rows <= shardRows) {
      last.parts.push(part);
      last.rows += part.rows;
    } else shards.push({ parts: [part], rows: part.rows });
  }
  return shards;
}
