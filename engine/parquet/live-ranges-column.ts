import type { RowRange } from '../../core/row-ranges.js';
import { rowsIn } from '../../core/version-parts.js';
import { asTheyCame, type WholeNumbers } from './column-memory.js';
import type { ByteStrings } from './columns.js';
import { fileDamaged } from './file-damaged.js';

/** Rows `[start, end)` of a shard that a file holds, and the ranges of them that are meant. */
export interface RowsOfFile {
  start: number;
  end: number;
  live: readonly RowRange[];
}

/** The rows of the files of a list, by their places in it. */
export interface LiveRanges {
  /** Returns the first row of a file. */
  startAt(place: number): number;
  /** Returns the row after the last one of a file. */
  endAt(place: number): number;
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
 * Reads what `encodeLiveRanges` wrote. Each border of a range is kept as its distance from the one
 * before, or from the first row of the file, by `keeper` and with as few bits as it takes, because
 * these are much of what a list keeps in memory. Errors: FILE_DAMAGED for ranges that a file does
 * not have.
 */
export function decodeLiveRanges(
  { offsets, bytes }: ByteStrings,
  { starts, ends, file }: { starts: Uint32Array; ends: Uint32Array; file: string },
  keeper = asTheyCame,
): LiveRanges {
  // The distances of the file at a place are `[firsts[place], firsts[place + 1])`.
  const firsts = new Uint32Array(starts.length + 1);
  const distances = new Uint32Array((offsets.at(-1) ?? 0) >> 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let place = 0; place < starts.length; place += 1) {
    const [from, to] = [offsets[place]!, offsets[place + 1]!];
    let [last, isEnd] = [starts[place]!, false];
    for (let at = from; at < to; at += 4) {
      const row = view.getUint32(at, true);
      // A range has rows, and the next one begins where it ends or later.
      if (row < last || (isEnd && row === last) || row > ends[place]!) throw foreignRows(file, place);
      distances[at >> 2] = row - last;
      [last, isEnd] = [row, !isEnd];
    }
    if ((to - from) % 8 !== 0) throw foreignRows(file, place);
    firsts[place + 1] = to >> 2;
  }
  return keptRanges(keeper.keep(firsts), keeper.keepNarrow(distances), {
    starts: keeper.keepNarrow(starts),
    ends: keeper.keepNarrow(ends),
  });
}

function keptRanges(
  firsts: Uint32Array,
  distances: WholeNumbers,
  { starts, ends }: { starts: WholeNumbers; ends: WholeNumbers },
): LiveRanges {
  return {
    startAt: (place) => starts[place]!,
    endAt: (place) => ends[place]!,
    rangesAt: (place) => {
      const ranges: RowRange[] = [];
      let row = starts[place]!;
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2) {
        const start = row + distances[at]!;
        row = start + distances[at + 1]!;
        ranges.push({ start, end: row });
      }
      return ranges.length > 0 ? ranges : [{ start: row, end: ends[place]! }];
    },
    rowsAt: (place) => {
      let rows = 0;
      for (let at = firsts[place]!; at < firsts[place + 1]!; at += 2) rows += distances[at + 1]!;
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
