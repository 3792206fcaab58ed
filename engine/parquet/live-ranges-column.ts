import type { RowRange } from '../../core/version-parts.js';
import { rowsIn } from '../../core/version-parts.js';
import type { ByteStrings } from './columns.js';
import { fileDamaged } from './file-damaged.js';

/** Rows `[start, end)` of a shard that a file holds, and the ranges of them that are meant. */
export interface RowsOfFile {
  start: number;
  end: number;
  live: readonly RowRange[];
}

/** The ranges of the rows of a list, by their places in it. */
export interface LiveRanges {
  rangesAt(place: number): RowRange[];
  /** Returns the number of rows in the ranges, without making them. */
  rowsAt(place: number): number;
}

/** Writes the ranges of each file as pairs of uint32, and none where they are the whole file. */
export function encodeLiveRanges(files: readonly RowsOfFile[]): ByteStrings {
  const live = files.map((file) => (isAllLive(file) ? [] : file.live));
  const offsets = new Int32Array(files.length + 1);
  for (const [place, ranges] of live.entries()) offsets[place + 1] = offsets[place]! + 8 * ranges.length;
  const bytes = Buffer.alloc(offsets[files.length]!);
  for (const [place, { start, end }] of live.flat().entries()) {
    bytes.writeUInt32LE(start, 8 * place);
    bytes.writeUInt32LE(end, 8 * place + 4);
  }
  return { offsets, bytes };
}

/**
 * Reads what `encodeLiveRanges` wrote. The borders of ranges are kept as rows within their files.
 * They have 16 bits if every file is small enough, because they are most of what a list keeps in
 * memory. Errors: FILE_DAMAGED for ranges that a file does not have.
 */
export function decodeLiveRanges(
  { offsets, bytes }: ByteStrings,
  { starts, ends, file }: { starts: Uint32Array; ends: Uint32Array; file: string },
): LiveRanges {
  // The borders of the file at a place are `[firsts[place], firsts[place + 1])`.
  const firsts = new Uint32Array(starts.length + 1);
  const count = (offsets.at(-1) ?? 0) >> 2;
  let largest = 0;
  for (let place = 0; place < starts.length; place += 1)
    largest = Math.max(largest, ends[place]! - starts[place]!);
  const borders = largest > 0xffff ? new Uint32Array(count) : new Uint16Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let place = 0; place < starts.length; place += 1) {
    const [from, to] = [offsets[place]!, offsets[place + 1]!];
    let [last, isEnd] = [starts[place]!, false];
    for (let at = from; at < to; at += 4) {
      const row = view.getUint32(at, true);
      // A range has rows, and the next one begins where it ends or later.
      if (row < last || (isEnd && row === last) || row > ends[place]!) throw foreignRows(file, place);
      borders[at >> 2] = row - starts[place]!;
      [last, isEnd] = [row, !isEnd];
    }
    if ((to - from) % 8 !== 0) throw foreignRows(file, place);
    firsts[place + 1] = to >> 2;
  }
  return {
    rangesAt: (place) => {
      const start = starts[place]!;
      const ranges: RowRange[] = [];
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2)
        ranges.push({ start: start + borders[at]!, end: start + borders[at + 1]! });
      return ranges.length > 0 ? ranges : [{ start, end: ends[place]! }];
    },
    rowsAt: (place) => {
      let rows = 0;
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2) rows += borders[at + 1]! - borders[at]!;
      return rows > 0 ? rows : ends[place]! - starts[place]!;
    },
  };
}

function foreignRows(file: string, place: number) {
  return fileDamaged(file, `row ${place} lists live rows that its part does not have`);
}

function isAllLive({ live, start, end }: RowsOfFile): boolean {
  return rowsIn(live) === end - start;
}
