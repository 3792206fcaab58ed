import type { RowRange } from '../../core/row-ranges.js';
import type { RowSource } from '../../core/row-source.js';
import { rowsIn } from '../../core/version-parts.js';
import type { ByteStrings } from './columns.js';
import { fileDamaged } from './file-damaged.js';
import { hexAt, SHA256_BYTES } from './list-values.js';

/** Shard, start, end and the number of ranges, as uint32, and the hashes of two files. */
const HEAD_BYTES = 4 * 4 + 2 * SHA256_BYTES;
const RANGE_BYTES = 2 * 4;

/** Writes the sources of each part one after the other, and none for a part of one shard. */
export function encodeRowSources(parts: readonly (readonly RowSource[] | undefined)[]): ByteStrings {
  const offsets = new Int32Array(parts.length + 1);
  const encoded = parts.map((sources = []) => Buffer.concat(sources.map(encodeRowSource)));
  for (const [place, { length }] of encoded.entries()) offsets[place + 1] = offsets[place]! + length;
  return { offsets, bytes: Buffer.concat(encoded) };
}

function encodeRowSource({ shard, start, end, chunksSha256, vectorsSha256, kept }: RowSource): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + kept.length * RANGE_BYTES);
  let at = 0;
  for (const value of [shard, start, end, kept.length]) at = bytes.writeUInt32LE(value, at);
  for (const hash of [chunksSha256, vectorsSha256]) at += bytes.write(hash, at, 'hex');
  for (const range of kept) for (const row of [range.start, range.end]) at = bytes.writeUInt32LE(row, at);
  return bytes;
}

/** The numbers by which a list names the rows of a part. */
interface NumberedRows {
  shard: number;
  start: number;
  end: number;
}

/**
 * Returns the sources of the part at a place. Undefined for a part of one shard. `file` names the
 * list in errors. Errors: FILE_DAMAGED.
 */
export function decodeRowSources(
  { offsets, bytes }: { offsets: ArrayLike<number>; bytes: Uint8Array },
  place: number,
  file: string,
): RowSource[] | undefined {
  const own = Buffer.from(
    bytes.buffer,
    bytes.byteOffset + offsets[place]!,
    offsets[place + 1]! - offsets[place]!,
  );
  if (own.length === 0) return undefined;
  const sources: RowSource[] = [];
  for (let at = 0; at < own.length; ) {
    const ranges = at + HEAD_BYTES <= own.length ? own.readUInt32LE(at + 12) : 0;
    const next = at + HEAD_BYTES + ranges * RANGE_BYTES;
    if (ranges === 0 || next > own.length) throw foreignSources(file, place);
    sources.push(decodeRowSource(own.subarray(at, next), ranges));
    at = next;
  }
  return sources;
}

/**
 * Checks that sources are in the order of row keys, and have the rows of their part. Errors:
 * FILE_DAMAGED.
 */
export function checkRowSources(
  sources: readonly RowSource[] | undefined,
  { part, place, file }: { part: NumberedRows; place: number; file: string },
): void {
  if (sources && !isSound(sources, part)) throw foreignSources(file, place);
}

function decodeRowSource(bytes: Buffer, ranges: number): RowSource {
  const kept: RowRange[] = Array.from({ length: ranges }, (_, range) => {
    const at = HEAD_BYTES + range * RANGE_BYTES;
    return { start: bytes.readUInt32LE(at), end: bytes.readUInt32LE(at + 4) };
  });
  return {
    shard: bytes.readUInt32LE(0),
    start: bytes.readUInt32LE(4),
    end: bytes.readUInt32LE(8),
    chunksSha256: hexAt(bytes.subarray(16), 0, SHA256_BYTES),
    vectorsSha256: hexAt(bytes.subarray(16), 1, SHA256_BYTES),
    kept,
  };
}

function isSound(sources: readonly RowSource[], { shard, start, end }: NumberedRows): boolean {
  const [first] = sources;
  if (first?.shard !== shard || first.kept[0]!.start !== start) return false;
  let rows = 0;
  let before = { shard: 0, end: 0 };
  for (const source of sources) {
    if (source.shard < before.shard) return false;
    if (source.shard === before.shard && source.start < before.end) return false;
    let last = source.start - 1;
    for (const range of source.kept) {
      if (range.start <= last || range.end <= range.start || range.end > source.end) return false;
      last = range.end;
    }
    rows += rowsIn(source.kept);
    before = source;
  }
  return rows === end - start;
}

function foreignSources(file: string, place: number) {
  return fileDamaged(file, `row ${place} lists sources that its part cannot have`);
}
