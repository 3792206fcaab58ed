const ROWS_PER_SHARD = 2 ** 32;

/** `shard × 2³² + row`: unique without coordination, and ordered as (shard, row). */
export function rowKey(shard: number, row: number): bigint {
  if (!Number.isInteger(shard) || shard < 0 || shard >= ROWS_PER_SHARD)
    throw new RangeError(`shard ${shard}`);
  if (!Number.isInteger(row) || row < 0 || row >= ROWS_PER_SHARD) throw new RangeError(`row ${row}`);
  return BigInt(shard) * BigInt(ROWS_PER_SHARD) + BigInt(row);
}

/** The inverse of `rowKey`. */
export function splitRowKey(key: bigint): { shard: number; row: number } {
  // Shifts, because a search splits some dozens of keys a query and a division of bigints takes
  // several times as long.
  return { shard: Number(key >> 32n), row: Number(key & 0xffff_ffffn) };
}

/** A chunk's id: its document's id and its number within the document, from 0. */
export function chunkId(documentId: string, chunkIndex: number): string {
  return `${documentId}#${chunkIndex}`;
}

/** A shard's folder or file stem; zero-padded so that a listing is in shard order. */
export function shardName(shard: number): string {
  return String(shard).padStart(8, '0');
}

/** Rows `[start, end)` of a shard, zero-padded so that a listing is in row order. */
export function partName(start: number, end: number): string {
  return `part-${String(start).padStart(10, '0')}-${String(end).padStart(10, '0')}`;
}

/** Reads `part-<start>-<end>.parquet`; undefined for any other file name. */
export function parsePartName(fileName: string): { start: number; end: number } | undefined {
  const match = /^part-(\d{10})-(\d{10})\.parquet$/.exec(fileName);
  return match ? { start: Number(match[1]), end: Number(match[2]) } : undefined;
}
