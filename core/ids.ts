const ROWS_PER_SHARD = 2 ** 32;

/**
 * Returns the key of a row, `shard × 2³² + row`. It is unique without coordination, and keys are
 * ordered by shard and then by row. Errors: RangeError for a number that is not a whole number
 * below 2³².
 */
export function rowKey(shard: number, row: number): bigint {
  if (!Number.isInteger(shard) || shard < 0 || shard >= ROWS_PER_SHARD)
    throw new RangeError(`shard ${shard}`);
  if (!Number.isInteger(row) || row < 0 || row >= ROWS_PER_SHARD) throw new RangeError(`row ${row}`);
  return BigInt(shard) * BigInt(ROWS_PER_SHARD) + BigInt(row);
}

/** Splits a key that `rowKey` made. */
export function splitRowKey(key: bigint): { shard: number; row: number } {
  // This uses shifts, because a search splits some dozens of keys for each query and a division of
  // bigints takes several times as long.
  return { shard: Number(key >> 32n), row: Number(key & 0xffff_ffffn) };
}

/** Returns a chunk's id, made of its document's id and its number within the document, from 0. */
export function chunkId(documentId: string, chunkIndex: number): string {
  return `${documentId}#${chunkIndex}`;
}

/**
 * Compares two ids by their UTF-8 bytes. Wherever ids decide an order, they are compared like this.
 */
export function compareIds(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointOrder(a) - codePointOrder(b);
  }
  return left.length - right.length;
}

/** Returns the position of each id in ascending order, from 0. */
export function placesOfIds(ids: readonly string[]): Uint32Array {
  const places = new Uint32Array(ids.length);
  const ascending = Uint32Array.from(ids.keys()).sort((a, b) => compareIds(ids[a]!, ids[b]!));
  for (const [place, row] of ascending.entries()) places[row] = place;
  return places;
}

/**
 * UTF-16 orders surrogates, which stand for the highest code points, before U+E000 to U+FFFF. UTF-8
 * does not.
 */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * Returns the name of a shard's folder or file, without an extension. It is padded with zeros so
 * that a listing is in shard order.
 */
export function shardName(shard: number): string {
  return String(shard).padStart(8, '0');
}

/**
 * Returns the name for rows `[start, end)` of a shard, padded with zeros so that a listing is in
 * row order.
 */
export function partName(start: number, end: number): string {
  return `part-${String(start).padStart(10, '0')}-${String(end).padStart(10, '0')}`;
}

/** Reads `part-<start>-<end>.parquet`. Returns undefined for any other file name. */
export function parsePartName(fileName: string): { start: number; end: number } | undefined {
  const match = /^part-(\d{10})-(\d{10})\.parquet$/.exec(fileName);
  return match ? { start: Number(match[1]), end: Number(match[2]) } : undefined;
}
