import { canonicalJson } from '../../core/canonical-json.js';
import type { ShardCommit } from '../../core/commit.js';
import { splitRowKey } from '../../core/ids.js';
import { versionLayout } from '../../core/layout.js';
import { buildManifest } from '../../core/manifest.js';
import type { ChunkPartFile, VectorPartFile } from '../../core/part.js';
import { inputTotals } from '../../core/plan.js';
import { sha256 } from '../hash.js';
import type { Embedder } from '../model/embedder.js';
import { readChunkFile } from '../parquet/chunk-file.js';
import { readPlanFile } from '../parquet/plan-file.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { vectorStatistics } from '../steps/vector-statistics.js';
import { readJson } from './read-json.js';
import type { ReadableVersion } from './resolve-version.js';

/** One way in which a version is not what its manifest says. */
export interface Difference {
  /** URI of the file, or of the manifest for differences between records. */
  file: string;
  what: string;
}

export interface VerifyReport {
  files: number;
  chunks: number;
  bytes: number;
  /** Lowest cosine between the manifest's probe vectors and those recomputed; undefined without a model. */
  probeCosine?: number;
  differences: Difference[];
}

/** Cosine below which a recomputed probe vector is another vector space; rounding stays above it. */
const PROBE_COSINE = 0.9999;
/** Relative difference of a recomputed norm that rounding may explain. */
const NORM_TOLERANCE = 1e-6;

/**
 * Recomputes every checksum, count, key range, norm and the probe, and checks that chunk ids are unique, that vectors
 * belong to their chunks' texts, and that the manifest lists what the commits list. One pair of files in memory at a
 * time, and 16 bytes a chunk.
 */
export async function verifyVersion(
  version: ReadableVersion,
  embedder: Embedder | undefined,
  onFile: (done: number, total: number) => void = () => {},
): Promise<VerifyReport> {
  const { manifest } = version;
  const report: VerifyReport = { files: 0, chunks: 0, bytes: 0, differences: [] };
  const chunkIds = new Set<string>();
  let lastKey = -1n;
  if (manifest.chunkFiles.length !== manifest.vectorFiles.length) {
    add(report, manifestFile(version), 'lists unequal numbers of chunk and vector files');
  }
  for (const [index, chunkPart] of manifest.chunkFiles.entries()) {
    const vectorPart = manifest.vectorFiles[index];
    if (!vectorPart) break;
    lastKey = await verifyPair(version, { chunkPart, vectorPart }, { report, chunkIds, lastKey });
    onFile(index + 1, manifest.chunkFiles.length);
  }
  for (const file of manifest.rejectFiles) await checkedBytes(version, file, report);
  await verifyCommits(version, report);
  if (report.chunks !== manifest.totals.chunks) {
    add(
      report,
      manifestFile(version),
      `counts ${manifest.totals.chunks} chunks; the files hold ${report.chunks}`,
    );
  }
  if (embedder) await verifyProbe(version, embedder, report);
  return report;
}

interface Running {
  report: VerifyReport;
  chunkIds: Set<string>;
  lastKey: bigint;
}

async function verifyPair(
  version: ReadableVersion,
  { chunkPart, vectorPart }: { chunkPart: ChunkPartFile; vectorPart: VectorPartFile },
  { report, chunkIds, lastKey }: Running,
): Promise<bigint> {
  const { manifest, store } = version;
  const chunkFile = `${store.root}/${chunkPart.key}`;
  const vectorFile = `${store.root}/${vectorPart.key}`;
  const chunkBytes = await checkedBytes(version, chunkPart, report);
  const vectorBytes = await checkedBytes(version, vectorPart, report);
  if (!chunkBytes || !vectorBytes) return lastKey;
  const { rows } = readChunkFile(chunkBytes, chunkFile);
  const vectors = readVectorFile(vectorBytes, vectorFile);
  report.chunks += rows.length;
  if (vectors.footer.fingerprint !== manifest.fingerprint)
    add(report, vectorFile, 'carries another fingerprint');
  if (vectors.dimensions !== manifest.signature.dimensions) add(report, vectorFile, 'has other dimensions');
  if (rows.length !== chunkPart.end - chunkPart.start) add(report, chunkFile, `holds ${rows.length} rows`);
  if (vectors.rowKeys.length !== rows.length) add(report, vectorFile, `holds ${vectors.rowKeys.length} rows`);
  let key = lastKey;
  for (const [row, chunk] of rows.entries()) {
    const id = sha256(chunk.chunkId).slice(0, 32);
    if (chunkIds.has(id)) add(report, chunkFile, `row ${row} repeats a chunk id`);
    chunkIds.add(id);
    if (chunk.rowKey <= key)
      add(report, chunkFile, `row ${row} has a row key that is not above the one before`);
    key = chunk.rowKey;
    if (sha256(chunk.text) !== chunk.textSha256)
      add(report, chunkFile, `row ${row}: the text has another sha256`);
    if (vectors.rowKeys[row] !== chunk.rowKey) add(report, vectorFile, `row ${row} has another row key`);
    if (vectors.textSha256[row] !== chunk.textSha256)
      add(report, vectorFile, `row ${row} is of another text`);
    if (vectors.chunkIds[row] !== chunk.chunkId) add(report, vectorFile, `row ${row} is of another chunk`);
  }
  verifyRange(report, chunkFile, chunkPart, rows[0]?.rowKey, rows.at(-1)?.rowKey);
  verifyRange(report, vectorFile, vectorPart, vectors.rowKeys[0], vectors.rowKeys.at(-1));
  verifyNorms(report, vectorFile, vectorPart, vectorStatistics(vectors.vectors, vectors.dimensions));
  return key;
}

function verifyRange(
  report: VerifyReport,
  file: string,
  part: ChunkPartFile | VectorPartFile,
  first: bigint | undefined,
  last: bigint | undefined,
): void {
  if (String(first) !== part.firstKey || String(last) !== part.lastKey) {
    add(report, file, `holds row keys ${first} to ${last}; ${part.firstKey} to ${part.lastKey} are listed`);
  }
  if (first !== undefined && splitRowKey(first).row !== part.start)
    add(report, file, 'begins at another row');
}

function verifyNorms(
  report: VerifyReport,
  file: string,
  part: VectorPartFile,
  found: ReturnType<typeof vectorStatistics>,
): void {
  const close = (a: number, b: number) => Math.abs(a - b) <= NORM_TOLERANCE * Math.max(1, Math.abs(a));
  if (found.nanCount !== part.nanCount)
    add(report, file, `holds ${found.nanCount} values that are not finite`);
  if (!close(found.minNorm, part.minNorm) || !close(found.maxNorm, part.maxNorm)) {
    add(
      report,
      file,
      `has norms ${found.minNorm} to ${found.maxNorm}; ${part.minNorm} to ${part.maxNorm} are listed`,
    );
  }
}

async function verifyCommits(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { manifest, store, job, location } = version;
  const layout = versionLayout(location.dataset, location.version);
  if (!(await store.head(layout.plan))) {
    add(report, `${store.root}/${layout.plan}`, 'is missing');
    return;
  }
  const shards = readPlanFile(await store.get(layout.plan), `${store.root}/${layout.plan}`);
  const commits: ShardCommit[] = [];
  for (const { shard, slices } of shards) {
    const file = `${store.root}/${layout.commit(shard)}`;
    if (!(await store.head(layout.commit(shard)))) {
      add(report, file, 'is missing');
      return;
    }
    const commit = await readJson<ShardCommit>(store, layout.commit(shard), 1);
    const planned = slices.map(({ uri, etag, start, end }) => ({ uri, etag, start, end }));
    if (canonicalJson(commit.inputs) !== canonicalJson(planned))
      add(report, file, 'read other input than was planned');
    commits.push(commit);
  }
  const { probe, timings } = manifest;
  const rebuilt = buildManifest({ job, commits, input: inputTotals(shards), probe, timings });
  for (const field of Object.keys(rebuilt) as (keyof typeof rebuilt)[]) {
    if (canonicalJson(rebuilt[field]) !== canonicalJson(manifest[field])) {
      add(report, manifestFile(version), `\`${field}\` is not what the commits say`);
    }
  }
}

async function verifyProbe(
  version: ReadableVersion,
  embedder: Embedder,
  report: VerifyReport,
): Promise<void> {
  const { probe, signature } = version.manifest;
  const { vectors } = await embedder.embed(probe.texts, { prompt: 'document' });
  const cosines = probe.vectors.map((expected, row) =>
    cosine(expected, vectors.subarray(row * signature.dimensions, (row + 1) * signature.dimensions)),
  );
  report.probeCosine = Math.min(...cosines);
  if (!(report.probeCosine >= PROBE_COSINE)) {
    add(
      report,
      manifestFile(version),
      `the probe's vectors are not this model's: cosine ${report.probeCosine}`,
    );
  }
}

async function checkedBytes(
  { store }: ReadableVersion,
  part: { key: string; sha256: string; bytes: number },
  report: VerifyReport,
): Promise<Uint8Array | undefined> {
  const file = `${store.root}/${part.key}`;
  if (!(await store.head(part.key))) {
    add(report, file, 'is missing');
    return undefined;
  }
  const bytes = await store.get(part.key);
  report.files += 1;
  report.bytes += bytes.length;
  if (bytes.length === part.bytes && sha256(bytes) === part.sha256) return bytes;
  add(report, file, `has ${bytes.length} bytes and another sha256 than the ${part.bytes} bytes listed`);
  return undefined;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, left, right] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    dot += a[index]! * b[index]!;
    left += a[index]! ** 2;
    right += b[index]! ** 2;
  }
  return dot / Math.sqrt(left * right);
}

/** URI of a version's manifest. */
export function manifestFile({ store, location }: ReadableVersion): string {
  return `${store.root}/${versionLayout(location.dataset, location.version).manifest}`;
}

function add(report: VerifyReport, file: string, what: string): void {
  report.differences.push({ file, what });
}
