import { counted } from '../../core/counted.js';
import { type LiveFile, type LiveFiles, liveFile, liveFilesOf } from '../../engine/version/live-files.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { count } from '../job/progress-line.js';
import { oneLine } from '../print.js';

/** The sums of the files of a version. */
export interface FileTotals {
  parts: number;
  /** The rows of all chunk files, live or not. */
  rows: number;
  liveRows: number;
  rejectFiles: number;
  /** Bytes of all chunk, vector and reject files. */
  bytes: number;
}

/** Adds up the files of a version, one part at a time. */
export function fileTotals(version: ReadableVersion): FileTotals {
  const { rejectFiles } = version;
  const totals = { parts: 0, rows: 0, liveRows: 0, rejectFiles: rejectFiles.length, bytes: 0 };
  for (const { rows, liveRows, chunks, vectors } of liveFilesOf(version)) {
    totals.parts += 1;
    totals.rows += rows;
    totals.liveRows += liveRows;
    totals.bytes += chunks.bytes + vectors.bytes;
  }
  for (const { bytes } of rejectFiles) totals.bytes += bytes;
  return totals;
}

/** Yields a table of the files of a version for a person, line by line, with the totals last. */
export function* fileLines(version: ReadableVersion): Generator<string> {
  const { store, location, rejectFiles } = version;
  const totals = fileTotals(version);
  const rowsWidth = Math.max(count(totals.rows).length, 'live rows'.length);
  const bytesWidth = Math.max(count(totals.bytes).length, 'bytes'.length);
  const line = (kind: string, [live, rows, bytes]: readonly string[], name: string) =>
    `${kind.padEnd(7)}  ${live!.padStart(rowsWidth)}  ${rows!.padStart(rowsWidth)}  ${bytes!.padStart(bytesWidth)}  ${name}\n`;
  const partLine = (kind: string, { liveRows, rows }: LiveFiles, { bytes, uri }: LiveFile) =>
    line(kind, [count(liveRows), count(rows), count(bytes)], oneLine(uri, uri.length));
  yield line('kind', ['live rows', 'rows', 'bytes'], 'file');
  for (const files of liveFilesOf(version)) {
    yield partLine('chunks', files, files.chunks);
    yield partLine('vectors', files, files.vectors);
  }
  for (const file of rejectFiles) {
    const { bytes, uri } = liveFile(store, file);
    yield line('rejects', ['', '', count(bytes)], oneLine(uri, uri.length));
  }
  yield line('total', [count(totals.liveRows), count(totals.rows), count(totals.bytes)], '').trimEnd();
  yield `\n${location.dataset}@${location.version} has ${counted(totals.liveRows, 'live row')} in ${counted(totals.parts, 'chunk file')} and as many vector files`;
  yield totals.liveRows < totals.rows
    ? '. The other rows of these files are not its own: --query prints how its own are read, and `vectormill export` writes them out.\n'
    : '.\n';
}
