import { refusalsAsFailures, VectormillError } from '../../core/errors.js';
import { encodingOf } from '../../core/manifest.js';
import { isWhole, type LivePart } from '../../core/version-parts.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { writeChunkFile } from '../parquet/chunk-file.js';
import { writeVectorFile } from '../parquet/vector-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { assertSameExport, checkTarget, exportRecordOf } from './check-target.js';
import { EXPORT_LAYOUT } from './export-layout.js';
import { liveChunkBytes, liveVectorBytes } from './live-part-bytes.js';

/** The number of parts that are written side by side. */
const CONCURRENT_PARTS = 4;

export interface ExportOptions {
  /** Stops the export between parts. */
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

export interface ExportSummary {
  rows: number;
  /** The number of chunk files, which is that of vector files. */
  parts: number;
  /** The number of files that this call wrote. The others were there already. */
  written: number;
}

/**
 * Writes the live rows of a version to `chunks/` and `vectors/` of an empty place. An export of the
 * same version that was interrupted there goes on, and nothing is ever overwritten; `_SUCCESS` is
 * written last. Parts whose rows all live are copied byte for byte. Errors: OUTPUT_EXISTS and USAGE
 * as in `checkTarget`, with nothing written; CANCELLED; PART_CONFLICT for a file of another
 * content; OBJECT_NOT_FOUND, CHECKSUM_MISMATCH and FILE_DAMAGED for files of the version.
 */
export async function exportVersion(
  version: ReadableVersion,
  target: ObjectStore,
  { signal, onProgress }: ExportOptions,
): Promise<ExportSummary> {
  const { rows, length } = version.parts;
  const record = await exportRecordOf(version);
  const summary: ExportSummary = { rows, parts: length, written: 0 };
  if ((await checkTarget(version, target, record)) === 'complete') return summary;
  const { created } = await createOnce(target, EXPORT_LAYOUT.record, encodeJson(record));
  if (!created) await assertSameExport(target, record);
  return refusalsAsFailures(async () => {
    let done = 0;
    await mapConcurrently([...Array(length).keys()], CONCURRENT_PARTS, async (place) => {
      throwIfStopped(signal);
      const written = await exportPart(version, target, version.parts.at(place)!);
      summary.written += written;
      done += 1;
      onProgress(done, length);
    });
    if (length === 0) summary.written += await exportNoRows(version, target);
    await target.put(EXPORT_LAYOUT.success, new Uint8Array());
    return summary;
  });
}

/** Returns the number of files that were written. */
async function exportPart(version: ReadableVersion, target: ObjectStore, part: LivePart): Promise<number> {
  const { chunks, vectors } = part;
  const files = [
    { key: EXPORT_LAYOUT.chunks(chunks), bytes: chunks.bytes, read: () => liveChunkBytes(version, part) },
    { key: EXPORT_LAYOUT.vectors(vectors), bytes: vectors.bytes, read: () => liveVectorBytes(version, part) },
  ];
  let written = 0;
  for (const { key, bytes, read } of files) {
    // A file is there whole or not at all, so a copy of this size need not be made again.
    if (isWhole(part) && (await target.head(key))?.size === bytes) continue;
    if (await writeOrCompare(target, key, await read())) written += 1;
  }
  return written;
}

/** Writes one chunk file and one vector file without rows, so that a pattern finds the columns. */
async function exportNoRows(
  { manifest, location: { dataset, version } }: ReadableVersion,
  target: ObjectStore,
): Promise<number> {
  const footer = { dataset, version, fingerprint: manifest.fingerprint };
  const [none, key] = [[], { firstKey: '0', start: 0, end: 0 }];
  const { dimensions } = manifest.signature;
  const vectors = { vectors: new Float32Array(0), dimensions, encoding: encodingOf(manifest) };
  const ids = { rowKeys: new BigUint64Array(0), chunkIds: none, docIds: none, textSha256: none };
  const files = [
    { key: EXPORT_LAYOUT.chunks(key), bytes: writeChunkFile(none, footer) },
    { key: EXPORT_LAYOUT.vectors(key), bytes: writeVectorFile({ ...ids, ...vectors }, footer) },
  ];
  let written = 0;
  for (const { key: file, bytes } of files) if (await writeOrCompare(target, file, bytes)) written += 1;
  return written;
}

/** Returns whether this call wrote the bytes. Errors: PART_CONFLICT. */
async function writeOrCompare(target: ObjectStore, key: string, bytes: Uint8Array): Promise<boolean> {
  const stored = await createOnce(target, key, bytes);
  if (stored.created || Buffer.compare(stored.bytes, bytes) === 0) return stored.created;
  const file = `${target.root}/${key}`;
  throw new VectormillError('PART_CONFLICT', `${file} is not what the export would write`, {
    component: 'export',
    file,
    remedy: 'Remove the file and run the export again, or export to another place.',
  });
}
