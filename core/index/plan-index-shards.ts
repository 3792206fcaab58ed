import type { VectorPartFile } from '../part.js';

/** A run of vector files whose rows make one graph. */
export interface IndexShard {
  files: readonly VectorPartFile[];
  rows: number;
}

/**
 * Cuts the files, in the order given, into runs. Each run has at most `shardRows` rows, or consists
 * of one file that has more. Files appended to a version leave all runs but the last as they were.
 */
export function planIndexShards(files: readonly VectorPartFile[], shardRows: number): IndexShard[] {
  const shards: { files: VectorPartFile[]; rows: number }[] = [];
  for (const file of files) {
    const rows = file.end - file.start;
    if (rows === 0) continue;
    const last = shards.at(-1);
    if (last && last.rows + rows <= shardRows) {
      last.files.push(file);
      last.rows += rows;
    } else shards.push({ files: [file], rows });
  }
  return shards;
}
