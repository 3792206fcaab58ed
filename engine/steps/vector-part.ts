import { canonicalJson } from '../../core/canonical-json.js';
import { addClipped, type ClippedValues, parseClippedValues } from '../../core/clipped-values.js';
import type { PartFile, VectorPartFile } from '../../core/part.js';
import { addReused, parseReusedRows, type ReusedRows } from '../../core/reused-rows.js';
import type { VectorEncoding } from '../../core/vector-precision.js';
import { sha256 } from '../files/hash.js';
import type { Footer } from '../parquet/footer.js';
import { readVectorFile, type VectorRows, writeVectorFile } from '../parquet/vector-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { vectorStatistics } from '../version/vector-statistics.js';
import { partConflict } from './part-conflict.js';

/** The properties that a vector file must have to be the part after which it is named. */
export interface ExpectedPart extends Pick<PartFile, 'key' | 'start' | 'end' | 'firstKey' | 'lastKey'> {
  /** The sha256 of each row's text, in the order of the rows. */
  textSha256: readonly string[];
  encoding: VectorEncoding;
}

/** The facts about how a part's vectors came about, which its footer keeps. */
export interface PartCosts {
  /** The tokens that a provider charged. Undefined for a model that runs here. */
  billedTokens?: number | undefined;
  /** The rows whose vectors were not computed for them. Undefined where all were computed. */
  reused?: ReusedRows | undefined;
  /** The values outside the ranges under which they are stored. Undefined where there are none. */
  clipped?: ClippedValues | undefined;
}

/** The counts that a part's footer keeps about its vectors, beside the tokens. */
export type PartCounts = Pick<PartCosts, 'reused' | 'clipped'>;

/** Returns the bytes of a vector part of a shard. */
export function vectorPartBytes(
  { job }: OpenVersion,
  { shard, billedTokens, reused, clipped }: PartCosts & { shard: number },
  rows: VectorRows,
): Uint8Array {
  return writeVectorFile(rows, {
    fingerprint: job.fingerprint,
    dataset: job.spec.dataset,
    version: job.spec.version,
    shard: String(shard),
    ...(billedTokens === undefined ? {} : { billed_tokens: String(billedTokens) }),
    ...(reused && { reused: canonicalJson(reused) }),
    ...(clipped && { clipped: canonicalJson(clipped) }),
  });
}

/**
 * Returns what a record says of a vector file, and the file's rows. Errors: PART_CONFLICT for rows,
 * texts, a fingerprint or an encoding that are not this part's.
 */
export function describeVectorPart(
  { store, job }: OpenVersion,
  expected: ExpectedPart,
  bytes: Uint8Array,
): { part: VectorPartFile; rows: VectorRows; counts: PartCounts } {
  const { key, start, end, firstKey, lastKey, textSha256, encoding } = expected;
  const file = `${store.root}/${key}`;
  const rows = readVectorFile(bytes, file);
  if (rows.footer.fingerprint !== job.fingerprint) throw partConflict(file, 'was made by another model');
  if (canonicalJson(rows.encoding) !== canonicalJson(encoding))
    throw partConflict(file, `does not hold ${encoding.precision} of this version's ranges`);
  if (
    rows.rowKeys.length !== end - start ||
    `${rows.rowKeys[0]}` !== firstKey ||
    `${rows.rowKeys.at(-1)}` !== lastKey
  ) {
    throw partConflict(file, 'does not hold the rows that its name says');
  }
  if (textSha256.some((hash, row) => hash !== rows.textSha256[row]))
    throw partConflict(file, 'holds the vectors of other texts');
  const statistics = vectorStatistics(rows.vectors, rows.dimensions);
  if (statistics.nanCount > 0) throw partConflict(file, 'holds values that are not finite');
  const part = { key, sha256: sha256(bytes), bytes: bytes.length, start, end, firstKey, lastKey };
  const described = { ...part, ...statistics, ...billedIn(rows.footer, file) };
  return { part: described, rows, counts: countsIn(rows.footer, file) };
}

function billedIn({ billed_tokens: billed }: Footer, file: string): Pick<VectorPartFile, 'billedTokens'> {
  if (billed === undefined) return {};
  if (!/^\d+$/.test(billed)) throw partConflict(file, 'does not say what it cost');
  return { billedTokens: Number(billed) };
}

function countsIn({ reused: reusedText, clipped: clippedText }: Footer, file: string): PartCounts {
  const reused = reusedText === undefined ? undefined : parseReusedRows(reusedText);
  if (reusedText !== undefined && !reused)
    throw partConflict(file, 'does not say where its vectors came from');
  const clipped = clippedText === undefined ? undefined : parseClippedValues(clippedText);
  if (clippedText !== undefined && !clipped)
    throw partConflict(file, 'does not say how many of its values lie outside its ranges');
  return { ...(reused && { reused }), ...(clipped && { clipped }) };
}

/** Returns the sums of what two parts count. */
export function addPartCounts(left: PartCounts, right: PartCounts): PartCounts {
  const reused =
    left.reused && right.reused ? addReused(left.reused, right.reused) : (left.reused ?? right.reused);
  const clipped = addClipped(left.clipped, right.clipped);
  return { ...(reused && { reused }), ...(clipped && { clipped }) };
}
