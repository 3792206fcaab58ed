import { rowKey } from '../../../core/ids.js';
import { unitRows } from '../../../core/metrics/cosine.js';
import { seededRandom } from '../../../core/seeded-random.js';

/**
 * Rows `[count, dimensions]` of length 1 around some centres. The same stream gives the same rows.
 */
export function randomRows(count: number, dimensions: number, stream = 0): Float32Array {
  const [centres, noise] = [seededRandom(7, 0), seededRandom(7, stream + 1)];
  const middle = Float32Array.from({ length: 8 * dimensions }, () => centres() - 0.5);
  const rows = Float32Array.from({ length: count * dimensions }, (_, index) => {
    const centre = Math.floor(index / dimensions) % 8;
    return middle[centre * dimensions + (index % dimensions)]! + noise() - 0.5;
  });
  return unitRows(rows, dimensions);
}

/** Returns each row of `[rows, dimensions]` as an array of its own. */
export function eachRow(rows: Float32Array, dimensions: number): Float32Array[] {
  return Array.from({ length: rows.length / dimensions }, (_, row) =>
    rows.slice(row * dimensions, (row + 1) * dimensions),
  );
}

/** Returns an ascending key for each row, from 1,000 on. */
export function keysOf(count: number): BigUint64Array {
  return BigUint64Array.from({ length: count }, (_, row) => BigInt(1000 + row));
}

const SHARD_ROWS = 90;

/** Returns an ascending key for each row. They are of several shards where there are many. */
export function keysOfShards(count: number): BigUint64Array {
  return BigUint64Array.from({ length: count }, (_, row) =>
    rowKey(Math.floor(row / SHARD_ROWS), row % SHARD_ROWS),
  );
}
