import { canonicalJson } from '../../core/canonical-json.js';
import { splitRowKey } from '../../core/ids.js';
import { firstShardOf } from '../../core/job-spec.js';
import type { ListPiece } from '../../core/manifest.js';
import { sourcesOf } from '../../core/row-source.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { readDocumentListFile } from '../../engine/parquet/document-list-file.js';
import { readRejectFile } from '../../engine/parquet/reject-file.js';
import { readSliceListFile } from '../../engine/parquet/slice-list-file.js';
import { denseStage } from '../../engine/search/dense-stage.js';
import { lexicalIndexOf } from '../../engine/search/lexical-index.js';
import type { Retrieval } from '../../engine/search/search-stages.js';
import { searchStages } from '../../engine/search/search-stages.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { readLiveChunks, readLiveVectors } from '../../engine/version/live-rows.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { testEmbedder } from '../support/test-embedder.js';

/**
 * The content of a version, whatever files and rows it lies in: facts by their subjects. A subject
 * that has several facts has them in order.
 */
export type VersionContent = ReadonlyMap<string, readonly string[]>;

/** A search whose hits belong to the content of a version. */
export interface ContentQuery {
  query: string;
  /** The number of chunks that are asked for. */
  top: number;
}

class Facts {
  readonly all = new Map<string, string[]>();

  add(subject: string, fact: unknown): void {
    const facts = this.all.get(subject) ?? [];
    facts.push(typeof fact === 'string' ? fact : canonicalJson(fact));
    this.all.set(subject, facts);
  }
}

/**
 * Reads the whole content of a version, as its readers find it. `embedder` is that of the version's
 * model, by default the test model.
 */
export async function contentOf(
  version: ReadableVersion,
  queries: readonly ContentQuery[],
  embedder: Embedder = testEmbedder(),
): Promise<VersionContent> {
  const facts = new Facts();
  await addRows(facts, version);
  await addRejects(facts, version);
  await addCorpus(facts, version);
  await addAnswers(facts, version, { queries, embedder });
  const { documents, chunks, tokens, truncatedChunks, inputObjects, inputBytes } = version.manifest.totals;
  facts.add('totals', { documents, chunks, tokens, truncatedChunks, inputObjects, inputBytes });
  facts.add('counts of rejects', version.manifest.rejects);
  facts.add('probe', version.manifest.probe);
  for (const { file, what } of (await verifyVersion(version, embedder)).differences)
    facts.add('verify', `${file} ${what}`);
  return facts.all;
}

async function addRows(facts: Facts, version: ReadableVersion): Promise<void> {
  for (const part of version.parts) {
    for (const { rowKey: _, chunkId, ...chunk } of await readLiveChunks(version, part))
      facts.add(`chunk ${chunkId}`, chunk);
    const { chunkIds, docIds, textSha256, vectors, dimensions } = await readLiveVectors(version, part);
    for (const [row, chunkId] of chunkIds.entries()) {
      const vector = vectors.slice(row * dimensions, (row + 1) * dimensions);
      // Shown as bits, because two vectors are equal only if all bits are.
      const bits = Buffer.from(vector.buffer).toString('hex');
      facts.add(`vector of ${chunkId}`, { docId: docIds[row]!, textSha256: textSha256[row]!, bits });
    }
  }
}

async function addRejects(facts: Facts, { store, rejectFiles }: ReadableVersion): Promise<void> {
  const rejects: string[] = [];
  for (const { key } of rejectFiles)
    for (const { ordinal: _, ...reject } of readRejectFile(await store.get(key), key).rejects)
      rejects.push(canonicalJson(reject));
  for (const reject of rejects.sort()) facts.add('rejects', reject);
}

/** Slices are cut differently in versions of other shards, so records are placed in objects. */
async function addCorpus(facts: Facts, { store, manifest }: ReadableVersion): Promise<void> {
  const corpus = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  if (!corpus) throw new RangeError('the version does not list its corpus');
  const read = async <T>(pieces: readonly ListPiece[], parse: (bytes: Uint8Array, file: string) => T[]) => {
    const lists: T[][] = [];
    for (const { key } of pieces) lists.push(parse(await store.get(key), key));
    return lists.flat();
  };
  const slices = await read(corpus.slices, readSliceListFile);
  const objects = new Map<string, { etag: string; unit: string; documents: number; rejects: number }>();
  for (const { uri, etag, unit, documents, rejects } of slices) {
    const object = objects.get(uri) ?? { etag, unit, documents: 0, rejects: 0 };
    object.documents += documents;
    object.rejects += rejects;
    objects.set(uri, object);
  }
  facts.add('objects', [...objects.keys()]);
  for (const [uri, object] of objects) facts.add(`object ${uri}`, object);
  for (const { slice, firstKey, ...entry } of await read(corpus.documents, readDocumentListFile)) {
    const { uri } = slices[slice]!;
    facts.add(`document ${entry.idHash}`, { ...entry, uri, hasChunks: firstKey !== undefined });
  }
}

async function addAnswers(
  facts: Facts,
  version: ReadableVersion,
  { queries, embedder }: { queries: readonly ContentQuery[]; embedder: Embedder },
): Promise<void> {
  const lexical = await lexicalIndexOf(version);
  const retrievals: Retrieval[] = [
    { mode: 'dense', dense: denseStage(version, embedder) },
    { mode: 'bm25', lexical },
  ];
  for (const retrieval of retrievals)
    for (const { query, top } of queries) {
      const search = { query, retrieval, top, candidates: 10 };
      for (const { chunkId, score } of (await searchStages(version, search)).hits)
        facts.add(`${retrieval.mode} search for ${query}`, `${chunkId} ${score}`);
    }
  await lexical.close();
}

/** The rows of a version that are not carried over. */
export interface OwnRows {
  chunks: number;
  documents: ReadonlySet<string>;
  /** The hashes of the texts of each part, each once. */
  texts: readonly ReadonlySet<string>[];
}

/** Returns the rows of a version that are not carried over, also if they were moved since. */
export async function ownRowsOf(version: ReadableVersion): Promise<OwnRows> {
  const firstShard = firstShardOf(version.job);
  const documents = new Set<string>();
  const texts = new Map<string, Set<string>>();
  let chunks = 0;
  for (const part of version.parts) {
    const rows = await readLiveChunks(version, part);
    for (const { rowKey, docId, textSha256 } of rows) {
      const { shard, row } = splitRowKey(rowKey);
      if (shard < firstShard) continue;
      const source = sourcesOf(part).find(
        ({ start, end, ...of }) => of.shard === shard && start <= row && row < end,
      );
      const name = `${shard} ${source!.start}`;
      texts.set(name, (texts.get(name) ?? new Set()).add(textSha256));
      chunks += 1;
      documents.add(docId);
    }
  }
  return { chunks, documents, texts: [...texts.values()] };
}
