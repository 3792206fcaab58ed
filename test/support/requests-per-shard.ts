import { BUCKETS, type BucketRange } from '../../core/buckets.js';
import { type ChunkedShard, type EmbeddedShard, NO_VALUES, type ShardCorpus } from '../../core/commit.js';
import { REJECT_CODES } from '../../core/document.js';
import type { DocumentEntry } from '../../core/document-entry.js';
import { rowKey } from '../../core/ids.js';
import { type JobStage, type JobSteps, progressFrom, takeCourse } from '../../core/job-course.js';
import { type JobRecord, withParent } from '../../core/job-spec.js';
import { addShardTotals, NO_SHARD_TOTALS } from '../../core/progress.js';
import { IDS_A_FOLD, type ShardGroup, shardGroups } from '../../core/shard-groups.js';
import type { TextEntry } from '../../core/text-entry.js';
import { UNICODE } from '../../engine/chunking/unicode.js';
import { sha256 } from '../../engine/files/hash.js';
import { writeRejectFile } from '../../engine/parquet/reject-file.js';
import { BucketFileWriter } from '../../engine/steps/bucket-file.js';
import { resolveDocuments } from '../../engine/steps/carry/resolve-documents.js';
import { keepPlan } from '../../engine/steps/carry/settle-plan.js';
import { commitShard } from '../../engine/steps/commit-shard.js';
import { encodeDocuments } from '../../engine/steps/document-file.js';
import { findDuplicates, readDuplicates } from '../../engine/steps/find-duplicates.js';
import { foldShards } from '../../engine/steps/fold-shards.js';
import { HASH_BYTES, ID_FILE } from '../../engine/steps/id-file.js';
import { mergeIds } from '../../engine/steps/merge-ids.js';
import { claimVersion, planVersion } from '../../engine/steps/plan-version.js';
import { quantiseShard } from '../../engine/steps/quantise-shard.js';
import { reduceRanges, removeFloat32 } from '../../engine/steps/reduce-ranges.js';
import { scanShard } from '../../engine/steps/scan-shard.js';
import { shardTotals } from '../../engine/steps/shard-totals.js';
import { encodeTextEntries } from '../../engine/steps/text-file.js';
import { computeProbe, writeManifest, writtenVersion } from '../../engine/steps/write-manifest.js';
import { encodeJson } from '../../engine/version/create-once.js';
import { findParent } from '../../engine/version/find-parent.js';
import { countingStore, RequestCount } from './counting-store.js';
import { MemoryStore } from './memory-store.js';
import { testCommit } from './test-commit.js';
import { testJob } from './test-job.js';
import { type TestProcess, testProcess, testRun } from './test-tools.js';

const STEPS = ['plan', 'scan', 'duplicates', 'resolve', 'chunk', 'commit', 'ranges', 'manifest'] as const;
type Step = (typeof STEPS)[number];

/** The rejects of any shard: one of an object that does not change. */
const REJECT_BYTES = writeRejectFile(
  [
    {
      code: 'BAD_JSON',
      reason: REJECT_CODES.BAD_JSON,
      position: { uri: 'file:///memory/corpus/00000000.jsonl', unit: 'byte', at: 0 },
      ordinal: 0,
    },
  ],
  {},
);
const REJECT_FILE = { sha256: sha256(REJECT_BYTES), bytes: REJECT_BYTES.length };

/**
 * Takes a job over shards of two documents through its course, and returns the requests of each
 * step for each shard. Chunking only reads the shard's duplicates, and embedding only commits.
 * `idsPerShard` is the number of ids that each shard is said to have, so that as many ranges of
 * buckets are searched, and as many groups are folded, as for so many ids. A `carrying` job has a
 * parent of a tenth as many shards. All of their objects but one have changed, and others are new.
 */
export async function requestsPerShard(
  shards: number,
  {
    idsPerShard,
    precision = 'float32',
    carrying = false,
  }: { idsPerShard: number; precision?: string; carrying?: boolean },
): Promise<Record<Step, number>> {
  const count = new RequestCount();
  const stores = new Map<string, MemoryStore>();
  const storeAt = (root: string) => stores.get(root) ?? stores.set(root, new MemoryStore(root)).get(root)!;
  const corpus = storeAt('file:///memory');
  const shardBytes = await writeObjects(corpus, { from: 0, to: carrying ? shards / 10 : shards });
  const jobOf = (version: string) =>
    testJob('/memory', {
      version,
      input: 'file:///memory/corpus',
      output: 'file:///memory/out',
      shard_bytes: shardBytes,
      vectors: { precision },
      limits: { reject_share: 1, delete_share: 1 },
    });
  const { tools, open } = testProcess({ store: (root) => countingStore(storeAt(root), count) });
  const countsOf = async (job: JobRecord): Promise<Record<Step, number>> => {
    count.clear();
    const steps = stepsOf(job, { count, storeAt, tools, open }, { idsPerShard, precision });
    const summary = await takeCourse(job, steps, { progress: progressFrom(0), now: () => 0 });
    const planned = summary.totals.shards;
    return Object.fromEntries(STEPS.map((step) => [step, count.of(step) / planned])) as Record<Step, number>;
  };
  if (!carrying) return countsOf(jobOf('v1'));
  await countsOf(jobOf('v1'));
  await writeObjects(corpus, { from: 1, to: shards + 1 }, 'c');
  const job = jobOf('v2');
  return countsOf(withParent(job, await findParent(storeAt(job.spec.output), job)));
}

/** The stores of a job, which are counted where its steps use them, and its process. */
interface CountedProcess extends Pick<TestProcess, 'tools' | 'open'> {
  count: RequestCount;
  storeAt(root: string): MemoryStore;
}

function stepsOf(
  job: JobRecord,
  { count, storeAt, tools, open }: CountedProcess,
  { idsPerShard, precision }: { idsPerShard: number; precision: string },
): JobSteps {
  const version = () => open(job, 'run');
  const run = testRun();
  const during = async <T>(step: Step, work: () => Promise<T>) => {
    count.step = step;
    return work();
  };
  const takeShard = async (stage: JobStage, shard: number, duplicates: readonly BucketRange[]) => {
    const found = await version();
    if (stage === 'scan') {
      const counts = await during('scan', () => scanShard(tools, found, shard, run));
      if (!job.carry && shard % 5 === 0)
        await storeAt(job.spec.output).put(found.layout.scan(shard), idFile(shard));
      return shardTotals(found, shard, { ...counts, documents: idsPerShard, chunks: 0, tokens: 0 });
    }
    if (stage === 'quantise')
      return shardTotals(found, shard, await during('commit', () => quantiseShard(tools, found, shard, run)));
    await during('chunk', async () =>
      job.carry ? found.store.get(found.layout.verdicts(shard)) : readDuplicates(found, shard, duplicates),
    );
    const { vectorParts, chunkParts, ...commit } = testCommit(shard, [1]);
    if (precision === 'int8') {
      const store = storeAt(job.spec.output);
      const chunked: ChunkedShard = { ...commit, chunks: 0, parts: [] };
      const embedded: EmbeddedShard = { formatVersion: 1, shard, ranges: ranges(shard), parts: [] };
      await store.put(found.layout.chunkParts(shard), encodeJson(chunked));
      await store.put(found.layout.float32Parts(shard), encodeJson(embedded));
    } else {
      for (const { start, end, bytes } of chunkParts)
        await storeAt(job.spec.output).put(found.layout.chunkPart(shard, start, end), new Uint8Array(bytes));
      for (const { start, end, bytes } of vectorParts)
        await storeAt(job.spec.output).put(found.layout.vectorPart(shard, start, end), new Uint8Array(bytes));
      const key = found.layout.documents(shard);
      const documents = shard % 5 === 0 ? documentsOf(shard) : [];
      await storeAt(job.spec.output).put(key, encodeDocuments(documents));
      const textsKey = found.layout.texts(shard);
      await storeAt(job.spec.output).put(textsKey, encodeTextEntries(documents.map(textOf)));
      const corpus: ShardCorpus = {
        documents: { key, sha256: '', bytes: 0 },
        texts: { key: textsKey, sha256: '', bytes: 0 },
        slices: [{ documents: idsPerShard, rejects: 0, unit: 'byte' }],
        longest: NO_VALUES,
        unicode: UNICODE,
      };
      const rejectFile = commit.rejectFile && { ...REJECT_FILE, key: found.layout.rejects(shard) };
      if (rejectFile) await storeAt(job.spec.output).put(rejectFile.key, REJECT_BYTES);
      const chunked: ChunkedShard = { ...commit, rejectFile, parts: chunkParts, corpus };
      await during('commit', () => commitShard(found, chunked, { parts: vectorParts }, 'one'));
    }
    return shardTotals(found, shard, commit);
  };
  const folds = { ids: 'duplicates', ranges: 'ranges', commits: 'manifest' } as const;
  return {
    collect: () => Promise.reject(new Error('no job here has a retention')),
    claimVersion: (claimed) => claimVersion(tools, claimed, testRun()),
    planVersion: () => during('plan', async () => planVersion(tools, await open(job))),
    takeShards: async (_, { stage, shards: total, duplicates }) => {
      let totals = NO_SHARD_TOTALS;
      for (let shard = total.from; shard < total.to; shard += 1)
        totals = addShardTotals(totals, await takeShard(stage, shard, duplicates));
      return totals;
    },
    foldShards: async (_, { kind, shards: all, groupSize }) => {
      for (const group of shardGroups(all, groupSize))
        await during(folds[kind], async () => foldShards(await version(), { kind, group }, run));
      return true;
    },
    mergeIds: async (_, { shards: all, groupSize, mergeSize }) => {
      // Of five shards one has an id in each bucket, in place of what they are said to have.
      const idsAFold = Math.ceil((IDS_A_FOLD * (BUCKETS / 5)) / idsPerShard);
      for (const group of shardGroups(all, mergeSize))
        await during('duplicates', async () =>
          mergeIds(await version(), { group, groupSize }, run, idsAFold),
        );
    },
    findDuplicates: (_, range, groupSize) =>
      during('duplicates', async () => findDuplicates(await open(job), range, run, groupSize)),
    resolveDocuments: () => during('resolve', async () => resolveDocuments(await open(job), run)),
    countDeletes: async () => undefined,
    keepPlan: () => during('resolve', async () => keepPlan(await open(job))),
    forgetPlan: () => Promise.reject(new Error('nothing is carried over')),
    reduceRanges: (_, groupSize) =>
      during('ranges', async () => reduceRanges(await open(job), run, groupSize)),
    computeProbe: () => during('manifest', async () => computeProbe(tools, await open(job))),
    writeManifest: (_, timings, groupSize) =>
      during('manifest', async () => {
        const found = await open(job);
        // Parts without content cannot be joined.
        const options = { groupSize, plan: () => [] };
        return writtenVersion(found, await writeManifest(found, timings, run, options), timings);
      }),
    removeFloat32: () => during('ranges', async () => removeFloat32(await open(job), run)),
  };
}

/**
 * Writes objects of two documents each, of which the second has an id that begins with `letter`.
 * Returns the size of one object.
 */
async function writeObjects(store: MemoryStore, { from, to }: ShardGroup, letter = 'b'): Promise<number> {
  const line = (id: string) => `${JSON.stringify({ _id: id.padStart(12, '0'), text: 'a' })}\n`;
  for (let object = from; object < to; object += 1) {
    const lines = [`a${object}`, `${letter}${object}`].map(line);
    await store.put(`corpus/${String(object).padStart(8, '0')}.jsonl`, Buffer.from(lines.join('')));
  }
  return 2 * line('').length;
}

/**
 * Returns an id file with an id in each bucket, so that a range of any group of five shards has
 * some. The ids of shards whose numbers end with 0 are the same.
 */
function idFile(shard: number): Uint8Array {
  const header = {
    summary: { shard, documents: BUCKETS, rejects: {} },
    counts: new Array<number>(BUCKETS).fill(1),
  };
  const file = new BucketFileWriter(ID_FILE, header);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const at = file.place(bucket);
    file.bytes.writeUInt8(bucket, at);
    file.bytes.writeUInt32LE(shard % 10 === 0 ? 0 : shard, at + 1);
    file.bytes.writeUInt32LE(bucket, at + HASH_BYTES);
  }
  return file.bytes;
}

/** Returns some documents, in buckets that lie apart. */
function documentsOf(shard: number): DocumentEntry[] {
  return [0, 64, 128, 192].map((bucket) => ({
    idHash: `${bucket.toString(16).padStart(2, '0')}${shard.toString(16).padStart(30, '0')}`,
    contentHash: '0'.repeat(32),
    slice: 0,
    at: bucket,
    firstKey: rowKey(shard, bucket),
    chunks: 1,
    tokens: 1,
    truncated: 0,
  }));
}

function textOf({ idHash, firstKey }: DocumentEntry): TextEntry {
  return { textHash: idHash, rowKey: firstKey! };
}

function ranges(shard: number) {
  return { min: [shard, 0], max: [shard, 1] };
}
