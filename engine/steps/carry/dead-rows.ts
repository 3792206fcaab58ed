import type { KeyRun } from '../../../core/carry/live-ranges.js';
import { splitRowKey } from '../../../core/ids.js';
import { lastWhere } from '../../../core/last-where.js';
import type { ObjectStore } from '../../store/object-store.js';

const RECORD_BYTES = 12;

/** Encodes runs of rows: the key of the first row as uint64, and the number of rows as uint32. */
export function encodeRuns(runs: readonly KeyRun[]): Uint8Array {
  const bytes = Buffer.alloc(runs.length * RECORD_BYTES);
  for (const [place, { firstKey, chunks }] of runs.entries()) {
    bytes.writeBigUInt64LE(firstKey, place * RECORD_BYTES);
    bytes.writeUInt32LE(chunks, place * RECORD_BYTES + 8);
  }
  return bytes;
}

/** Reads runs, which ascend, by the shards of their rows. */
export async function readRunsByShard(store: ObjectStore, key: string): Promise<Map<number, KeyRun[]>> {
  const bytes = Buffer.from(await store.get(key));
  const runs = new Map<number, KeyRun[]>();
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const firstKey = bytes.readBigUInt64LE(at);
    const { shard } = splitRowKey(firstKey);
    const ofShard = runs.get(shard) ?? [];
    ofShard.push({ firstKey, chunks: bytes.readUInt32LE(at + 8) });
    runs.set(shard, ofShard);
  }
  return runs;
}

/** Says whether a row lies in one of some runs, which ascend within each shard. */
export function isInRuns(runs: ReadonlyMap<number, readonly KeyRun[]>, rowKey: bigint): boolean {
  const ofShard = runs.get(splitRowKey(rowKey).shard) ?? [];
  const last = ofShard[lastWhere(ofShard.length, (place) => ofShard[place]!.firstKey <= rowKey)];
  return last !== undefined && last.firstKey <= rowKey && rowKey < last.firstKey + BigInt(last.chunks);
}
