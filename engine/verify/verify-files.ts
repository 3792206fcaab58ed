import { canonicalJson } from '../../core/canonical-json.js';
import type { ChunkRow } from '../../core/chunk.js';
import { counted } from '../../core/counted.js';
import { chunkId, splitRowKey } from '../../core/ids.js';
import { encodingOf } from '../../core/manifest.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';
import { totalRejects } from '../../core/reject-counts.js';
import { stepsOf } from '../../core/scalar-quantisation.js';
import { mergeRanges, rangesOf, type ValueRanges } from '../../core/value-ranges.js';
import { needsRanges } from '../../core/vector-precision.js';
import { type LivePart, placeOf } from '../../core/version-parts.js';
import { sha256 } from '../files/hash.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readRejectFile } from '../parquet/reject-file.js';
import { readVectorFile } from '../parquet/vector-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { vectorStatistics } from '../version/vector-statistics.js';
import { DocumentSum } from './document-sum.js';
import { verifyCorpus } from './verify-corpus.js';
import { addDifference, checkedBytes, manifestFile, type VerifyReport } from './verify-report.js';
import { TextCheck } from './verify-texts.js';

/** The relative difference of a recomputed norm that rounding may explain. */
const NORM_TOLERANCE = 1e-6;
/** The same tolerance for the end of a range. */
const RANGE_TOLERANCE = 1e-6;

/** The state that is carried from one pair of files to the next. */
interface Running {
  report: VerifyReport;
  /** The hashes of all chunk ids, of versions that list no documents. */
  chunkIds: Set<string> | undefined;
  /** The documents of all rows, of versions that list documents. */
  documents: DocumentSum;
  /** The list of texts, of versions that have one. */
  texts: TextCheck | undefined;
  lastKey: bigint;
  /** The ranges of the vectors as they are read back. */
  ranges: ValueRanges | undefined;
}

/** Checks every chunk file and vector file, one pair at a time. */
export async function verifyFiles(
  version: ReadableVersion,
  report: VerifyReport,
  onFile: (done: number, total: number) => void,
): Promise<void> {
  const { manifest, parts } = version;
  const corpus = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  const running: Running = {
    report,
    chunkIds: corpus ? undefined : new Set(),
    documents: new DocumentSum(),
    texts: await TextCheck.open(version, report),
    lastKey: -1n,
    ranges: undefined,
  };
  if (manifest.formatVersion === 1 && manifest.chunkFiles.length !== manifest.vectorFiles.length) {
    addDifference(report, manifestFile(version), 'lists unequal numbers of chunk and vector files');
  }
  let done = 0;
  for (const part of parts) {
    await verifyPair(version, part, running);
    done += 1;
    onFile(done, parts.length);
  }
  const isWhole = report.chunks === manifest.totals.chunks;
  // Where a file could not be read, the documents of its rows are missing, too.
  if (corpus) await verifyCorpus(version, corpus, isWhole ? running.documents : undefined, report);
  if (!isWhole) {
    const what = `counts ${counted(manifest.totals.chunks, 'chunk')}; the files hold ${report.chunks}`;
    addDifference(report, manifestFile(version), what);
  } else {
    verifyRanges(version, report, running.ranges);
    running.texts?.finish(version, report);
  }
}

/** Checks that the reject files hold as many rows as the manifest counts. */
export async function verifyRejects(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { manifest, store, rejectFiles } = version;
  let rows = 0;
  for (const file of rejectFiles) {
    const bytes = await checkedBytes(version, file, report);
    if (!bytes) return;
    rows += readRejectFile(bytes, `${store.root}/${file.key}`).rejects.length;
  }
  const listed = totalRejects(manifest.rejects);
  if (rows !== listed) {
    addDifference(
      report,
      manifestFile(version),
      `counts ${counted(listed, 'reject')}; the files hold ${rows}`,
    );
  }
}

async function verifyPair(version: ReadableVersion, part: LivePart, running: Running): Promise<void> {
  const { report } = running;
  const { manifest, store } = version;
  const { chunks: chunkPart, vectors: vectorPart } = part;
  const chunkFile = `${store.root}/${chunkPart.key}`;
  const vectorFile = `${store.root}/${vectorPart.key}`;
  const chunkBytes = await checkedBytes(version, chunkPart, report);
  const vectorBytes = await checkedBytes(version, vectorPart, report);
  if (!chunkBytes || !vectorBytes) return;
  const { rows } = readChunkFile(chunkBytes, chunkFile);
  const vectors = readVectorFile(vectorBytes, vectorFile);
  report.chunks += part.rows;
  if (vectors.footer.fingerprint !== manifest.fingerprint)
    addDifference(report, vectorFile, 'carries another fingerprint');
  if (vectors.footer.billed_tokens !== vectorPart.billedTokens?.toString())
    addDifference(report, vectorFile, 'says another number of billed tokens');
  if (vectors.dimensions !== manifest.signature.dimensions)
    addDifference(report, vectorFile, 'has other dimensions');
  const encoding = encodingOf(manifest);
  if (canonicalJson(vectors.encoding) !== canonicalJson(encoding))
    addDifference(report, vectorFile, `is not stored as ${encoding.precision} by the manifest's ranges`);
  if (rows.length !== chunkPart.end - chunkPart.start)
    addDifference(report, chunkFile, `holds ${counted(rows.length, 'row')}`);
  if (vectors.rowKeys.length !== rows.length)
    addDifference(report, vectorFile, `holds ${counted(vectors.rowKeys.length, 'row')}`);
  for (const [row, chunk] of rows.entries()) {
    if (placeOf(part, chunkPart.start + row) !== undefined) {
      verifyId(running, chunkFile, row, chunk);
      running.texts?.addRow(chunk);
    }
    if (chunk.rowKey <= running.lastKey)
      addDifference(report, chunkFile, `row ${row} has a row key that is not above the one before`);
    running.lastKey = chunk.rowKey;
    if (sha256(chunk.text) !== chunk.textSha256)
      addDifference(report, chunkFile, `row ${row}: the text has another sha256`);
    if (vectors.rowKeys[row] !== chunk.rowKey)
      addDifference(report, vectorFile, `row ${row} has another row key`);
    if (vectors.textSha256[row] !== chunk.textSha256)
      addDifference(report, vectorFile, `row ${row} is of another text`);
    if (vectors.chunkIds[row] !== chunk.chunkId)
      addDifference(report, vectorFile, `row ${row} is of another chunk`);
  }
  verifyRange(report, chunkFile, chunkPart, rows[0]?.rowKey, rows.at(-1)?.rowKey);
  verifyRange(report, vectorFile, vectorPart, vectors.rowKeys[0], vectors.rowKeys.at(-1));
  verifyNorms(report, vectorFile, vectorPart, vectorStatistics(vectors.vectors, vectors.dimensions));
  if (needsRanges(encoding.precision) && vectors.dimensions === manifest.signature.dimensions)
    running.ranges = mergeRanges(running.ranges, rangesOf(vectors.vectors, vectors.dimensions));
}

/** Checks that no other row has the id of a chunk, as far as a row alone can tell. */
function verifyId(
  { report, chunkIds, documents }: Running,
  file: string,
  row: number,
  chunk: ChunkRow,
): void {
  const { docId, chunkIndex } = chunk;
  if (chunk.chunkId !== chunkId(docId, chunkIndex))
    addDifference(report, file, `row ${row} has the id of another chunk`);
  if (!chunkIds) {
    if (!documents.addRow(chunk))
      addDifference(report, file, `row ${row} is not the next chunk of its document`);
    return;
  }
  const id = sha256(chunk.chunkId).slice(0, 32);
  if (chunkIds.has(id)) addDifference(report, file, `row ${row} repeats a chunk id`);
  chunkIds.add(id);
}

/**
 * Checks the ranges. Some row must have the least value of a dimension exactly, and some row must
 * have its greatest value to within a step.
 */
function verifyRanges(version: ReadableVersion, report: VerifyReport, found: ValueRanges | undefined): void {
  const { ranges } = encodingOf(version.manifest);
  // The ranges that are carried over may be those of rows that are gone.
  if (!ranges || found?.min.length !== ranges.min.length || version.job.carry) return;
  const steps = stepsOf(ranges);
  const others = ranges.min.filter((least, dimension) => {
    const greatest = ranges.max[dimension]!;
    const rounding = RANGE_TOLERANCE * Math.max(Math.abs(least), Math.abs(greatest));
    return found.min[dimension] !== least || greatest - found.max[dimension]! > steps[dimension]! + rounding;
  }).length;
  if (others > 0)
    addDifference(
      report,
      manifestFile(version),
      `lists ranges that no rows reach in ${counted(others, 'dimension')}`,
    );
}

function verifyRange(
  report: VerifyReport,
  file: string,
  part: ChunkPartFile | VectorPartFile,
  first: bigint | undefined,
  last: bigint | undefined,
): void {
  if (String(first) !== part.firstKey || String(last) !== part.lastKey) {
    addDifference(
      report,
      file,
      `holds row keys ${first} to ${last}; ${part.firstKey} to ${part.lastKey} are listed`,
    );
  }
  if (first !== undefined && splitRowKey(first).row !== part.start)
    addDifference(report, file, 'begins at another row');
}

function verifyNorms(
  report: VerifyReport,
  file: string,
  part: VectorPartFile,
  found: ReturnType<typeof vectorStatistics>,
): void {
  const close = (a: number, b: number) => Math.abs(a - b) <= NORM_TOLERANCE * Math.max(1, Math.abs(a));
  if (found.nanCount !== part.nanCount)
    addDifference(report, file, `holds ${counted(found.nanCount, 'value')} that are not finite`);
  if (!close(found.minNorm, part.minNorm) || !close(found.maxNorm, part.maxNorm)) {
    addDifference(
      report,
      file,
      `has norms ${found.minNorm} to ${found.maxNorm}; ${part.minNorm} to ${part.maxNorm} are listed`,
    );
  }
}
