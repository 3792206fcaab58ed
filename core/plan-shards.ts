import type { InputObject, Shard, Slice } from './plan.js';

export interface ShardPlanOptions {
  /**
   * The number of bytes of input that a shard should have. Shards are smaller where the corpus
   * would otherwise make only a few.
   */
  shardBytes: number;
  /**
   * The largest number of slices in a shard, so that a tree of tiny files does not end up in one
   * shard. The default is 1,000.
   */
  maxSlices?: number;
  /** The number of the first shard. The default is 0. */
  firstShard?: number | undefined;
}

/**
 * A corpus is cut into about this many shards at least, so that one can be chunked while another is
 * embedded.
 */
const MIN_SHARDS = 16;
/**
 * Shards are not made smaller than this many bytes for it, because each costs a few requests and
 * activities.
 */
const MIN_SHARD_BYTES = 256 * 1024;

/**
 * Cuts a corpus into shards, in the order of the objects' URIs (by UTF-16 code units, in whatever
 * order the objects come). An object larger than a shard is cut into equal pieces where its format
 * allows it, and small neighbours share a shard. This is a pure function of its arguments: the same
 * corpus has the same shards.
 */
export function planShards(objects: readonly InputObject[], options: ShardPlanOptions): Shard[] {
  const shardBytes = shardBytesOf(objects, options);
  const slices = inUriOrder(objects).flatMap((object) => cut(object, shardBytes));
  return packSlices(slices, { ...options, shardBytes });
}

/**
 * Packs slices into shards in the order given. A shard never has two slices of one object. This is
 * a pure function of its arguments.
 */
export function packSlices(pieces: Iterable<Slice>, options: ShardPlanOptions): Shard[] {
  const { shardBytes, maxSlices = 1000, firstShard = 0 } = options;
  const shards: Shard[] = [];
  let slices: Slice[] = [];
  let bytes = 0;
  const close = () => {
    if (slices.length > 0) shards.push({ shard: firstShard + shards.length, slices });
    slices = [];
    bytes = 0;
  };
  for (const slice of pieces) {
    const isFull = bytes + slice.bytes > shardBytes || slices.length >= maxSlices;
    if (isFull || slices.at(-1)?.uri === slice.uri) close();
    slices.push(slice);
    bytes += slice.bytes;
  }
  close();
  return shards;
}

/** Returns the bytes of input that a shard of this corpus has. */
function shardBytesOf(objects: readonly { bytes: number }[], { shardBytes }: ShardPlanOptions): number {
  const corpusBytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  return Math.min(shardBytes, Math.max(MIN_SHARD_BYTES, Math.ceil(corpusBytes / MIN_SHARDS)));
}

function inUriOrder(objects: readonly InputObject[]): InputObject[] {
  return [...objects].sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0));
}

function cut(object: InputObject, shardBytes: number): Slice[] {
  switch (object.divisible.unit) {
    case 'byte':
      return cutBytes(object, Math.ceil(object.bytes / shardBytes));
    case 'row-group':
      return cutRowGroups(object, object.divisible.groups, shardBytes);
    case 'object':
      return cutBytes(object, 1);
  }
}

function cutBytes(object: InputObject, pieces: number): Slice[] {
  return Array.from({ length: pieces }, (_, piece) => {
    const start = Math.floor((object.bytes * piece) / pieces);
    const end = Math.floor((object.bytes * (piece + 1)) / pieces);
    const bytes = end - start;
    return slice(object, { start, end, bytes, rows: Math.max(1, Math.round(bytes / object.bytesPerRow)) });
  });
}

function cutRowGroups(
  object: InputObject,
  groups: readonly { bytes: number; rows: number }[],
  shardBytes: number,
): Slice[] {
  const slices: Slice[] = [];
  let start = 0;
  let bytes = 0;
  let rows = 0;
  const close = (end: number) => {
    if (end > start) slices.push(slice(object, { start, end, bytes, rows }));
    start = end;
    bytes = 0;
    rows = 0;
  };
  for (const [index, group] of groups.entries()) {
    if (bytes + group.bytes > shardBytes) close(index);
    bytes += group.bytes;
    rows += group.rows;
  }
  close(groups.length);
  return slices;
}

function slice(
  object: InputObject,
  piece: { start: number; end: number; bytes: number; rows: number },
): Slice {
  return {
    uri: object.uri,
    etag: object.etag,
    objectBytes: object.bytes,
    start: piece.start,
    end: piece.end,
    bytes: piece.bytes,
    estimatedRows: piece.rows,
  };
}
