import type { BucketRange } from '../../core/buckets.js';
import { type Verdict, verdictOfByte } from '../../core/carry/verdict.js';
import type { ChunkedShard, PartFileRef, ShardCorpus } from '../../core/commit.js';
import type { Reject } from '../../core/document.js';
import { shardOf } from '../../core/plan.js';
import { addRejects } from '../../core/reject-counts.js';
import { chunkRows, type NumberedDocument, promptTokens } from '../chunking/chunk-rows.js';
import { UNICODE } from '../chunking/unicode.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { sha256 } from '../files/hash.js';
import { writeRejectFile } from '../parquet/reject-file.js';
import { createOnce, encodeJson } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { parseRecord, readJsonRecord } from '../version/read-json-record.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import { ChunkPartWriter } from './chunk-part-writer.js';
import { encodeDocuments } from './document-file.js';
import { duplicateReject, readDuplicates } from './find-duplicates.js';
import { recordsOf } from './records-of.js';
import { ShardDocuments } from './shard-documents.js';
import type { StepRun, StepTools } from './step-context.js';
import { encodeTextEntries } from './text-file.js';

/** Documents are chunked in groups, so that the tokenizer is called on many texts at once. */
const GROUP_DOCUMENTS = 64;
const GROUP_CHARACTERS = 256 * 1024;

/** The shard to chunk, and where its duplicates are listed. */
export interface ChunkWork {
  shard: number;
  /** The ranges of the id space in which duplicates were found. */
  duplicates: readonly BucketRange[];
}

/**
 * Cuts a shard's documents into chunks and writes them as parts. A resumed run reads the records
 * again, which is cheap, but chunks only those after the last part that it finds.
 */
export async function chunkShard(
  tools: StepTools,
  version: OpenVersion,
  work: ChunkWork,
  run: StepRun,
): Promise<ChunkedShard> {
  const { store, layout } = version;
  const listKey = layout.chunkParts(work.shard);
  if (await store.head(listKey)) return readJsonRecord<ChunkedShard>(store, listKey, 1);
  const chunked = await chunkRecords(tools, version, work, run);
  const { bytes } = await createOnce(store, listKey, encodeJson(chunked));
  return parseRecord<ChunkedShard>(bytes, 1, `${store.root}/${listKey}`);
}

async function chunkRecords(
  tools: StepTools,
  version: OpenVersion,
  { shard, duplicates }: ChunkWork,
  run: StepRun,
): Promise<ChunkedShard> {
  const { job } = version;
  const tokenizer = await tools.tokenizerOf(job);
  const rowTools = { job, tokenizer, promptTokens: await promptTokens(tokenizer, job) };
  const verdictOf = await verdictsOf(version, shard, duplicates);
  const { slices } = shardOf(await version.plan(), shard);
  const corpus = new ShardDocuments(slices, { listsRepeated: job.carry === undefined });
  const writer = await ChunkPartWriter.resume(tools, version, shard, corpus);
  const rejects: Reject[] = [];
  let documents = 0;
  let group: NumberedDocument[] = [];
  let groupCharacters = 0;
  const chunkGroup = async () => {
    await writer.append(await chunkRows(group, rowTools));
    group = [];
    groupCharacters = 0;
    run.onPosition({ stage: 'chunk', shard, rows: writer.nextRow, tokens: writer.tokens });
  };
  for await (const records of recordsOf(tools, version, shard, run.signal))
    for (const record of records) {
      throwIfStopped(run.signal);
      if (record.kind === 'reject') {
        rejects.push(record.reject);
        corpus.addReject(record.reject.position);
        continue;
      }
      const verdict = verdictOf(record.ordinal);
      if (verdict === 'repeated') rejects.push(duplicateReject(record));
      corpus.addDocument(record, verdict);
      if (verdict !== 'cut') continue;
      documents += 1;
      if (record.ordinal < writer.resumeAt.ordinal) continue;
      group.push(record);
      groupCharacters += record.document.text.length;
      if (group.length >= GROUP_DOCUMENTS || groupCharacters >= GROUP_CHARACTERS) await chunkGroup();
    }
  if (group.length > 0) await chunkGroup();
  await writer.finish();
  return {
    formatVersion: 1,
    shard,
    documents,
    chunks: writer.nextRow,
    tokens: writer.tokens,
    truncated: writer.truncated,
    rejects: rejects.reduce((counts, reject) => addRejects(counts, { [reject.code]: 1 }), {}),
    parts: writer.parts,
    rejectFile: await writeRejects(version, shard, rejects),
    corpus: await writeCorpus(version, shard, corpus),
  };
}

/** Returns a function that says what becomes of the documents of a shard, by their ordinals. */
async function verdictsOf(
  version: OpenVersion,
  shard: number,
  duplicates: readonly BucketRange[],
): Promise<(ordinal: number) => Verdict> {
  if (version.job.carry) {
    const verdicts = await version.store.get(version.layout.verdicts(shard));
    return (ordinal) => verdictOfByte(verdicts[ordinal]);
  }
  const repeated = await readDuplicates(version, shard, duplicates);
  return (ordinal) => (repeated.has(ordinal) ? 'repeated' : 'cut');
}

async function writeCorpus(
  version: OpenVersion,
  shard: number,
  corpus: ShardDocuments,
): Promise<ShardCorpus> {
  const { layout } = version;
  const [documents, texts] = await Promise.all([
    writeFile(version, layout.documents(shard), encodeDocuments(corpus.entries())),
    writeFile(version, layout.texts(shard), encodeTextEntries(corpus.texts())),
  ]);
  return { documents, texts, slices: corpus.slices(), longest: corpus.longest, unicode: UNICODE };
}

function writeFile({ store }: OpenVersion, key: string, bytes: Uint8Array): Promise<PartFileRef> {
  return writeOrAdopt(store, key, bytes, {
    describe: (existing) => ({ key, sha256: sha256(existing), bytes: existing.length }),
  });
}

async function writeRejects(
  version: OpenVersion,
  shard: number,
  rejects: readonly Reject[],
): Promise<PartFileRef | null> {
  if (rejects.length === 0) return null;
  const key = version.layout.rejects(shard);
  return writeOrAdopt(version.store, key, writeRejectFile(rejects, { shard: String(shard) }), {
    describe: (existing) => ({ key, sha256: sha256(existing), bytes: existing.length }),
  });
}
