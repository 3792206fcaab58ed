import { liveFile, liveFilesOf } from '../../engine/version/live-files.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { fileTotals } from './file-lines.js';

/**
 * Yields the files of a version as one JSON document, piece by piece. Row keys are decimal texts,
 * because a double does not hold them.
 */
export function* filesJson(version: ReadableVersion): Generator<string> {
  const { store, location, rejectFiles } = version;
  const { output, dataset, version: name } = location;
  const { bytes, ...totals } = fileTotals(version);
  const head = JSON.stringify({ output, dataset, version: name, totals: { ...totals, bytes } });
  yield `${head.slice(0, -1)},"parts":[`;
  let separator = '';
  for (const { chunks, vectors, rows, liveRows, live } of liveFilesOf(version)) {
    const ranges = live.map(({ firstKey, lastKey, ...positions }) => ({
      firstKey: String(firstKey),
      lastKey: String(lastKey),
      ...positions,
    }));
    const isWhole = liveRows === rows;
    yield `${separator}${JSON.stringify({ rows, liveRows, ...(isWhole ? {} : { live: ranges }), chunks, vectors })}`;
    separator = ',\n';
  }
  yield `],"rejects":${JSON.stringify(rejectFiles.map((file) => liveFile(store, file)))}}\n`;
}
