import { BUCKETS } from '../../core/buckets.js';
import type { Shard } from '../../core/plan.js';
import { addRejects, type RejectCounts } from '../../core/reject-counts.js';
import { IDS_A_FOLD, type ShardGroup } from '../../core/shard-groups.js';
import { throwIfStopped } from '../concurrency/stop.js';
import { createOnce } from '../version/create-once.js';
import type { OpenVersion } from '../version/open-version.js';
import { BucketFileWriter } from './bucket-file.js';
import { FOLDED_ID_FILE, type FoldedIdHeader, readFoldedIndex } from './folded-id-file.js';
import { HASH_BYTES, ID_FILE, readIdFile } from './id-file.js';
import type { StepRun } from './step-context.js';

const CONCURRENT_READS = 16;

/** The counts of the shards of a group. */
export interface FoldedIdTotals {
  documents: number;
  rejects: RejectCounts;
}

type IdFile = Awaited<ReturnType<typeof readIdFile>>;

/**
 * Folds the id files of a group of shards into files of `idsAFold` ids at most, or of one shard.
 * They are create-once, and where one ends depends on the id files alone, so that every attempt
 * makes the same files and goes on after those that it finds. Memory holds the ids of one file
 * twice, and some id files. Errors: FILE_DAMAGED.
 */
export async function foldIds(
  version: OpenVersion,
  group: ShardGroup,
  run: StepRun,
  idsAFold: number = IDS_A_FOLD,
): Promise<FoldedIdTotals> {
  const { store, layout } = version;
  const files = new IdFilesAhead(version, await version.plan(), group);
  let totals: FoldedIdTotals = { documents: 0, rejects: {} };
  let next = group.from;
  for (let number = 0; next < group.to; number += 1) {
    const key = layout.foldedIds(group, number);
    if (!(await store.head(key))) {
      const taken = await takeFiles(files, { from: next, to: group.to }, run, idsAFold);
      await createOnce(store, key, encodeFold(taken, { from: next, to: next + taken.length }));
    }
    // The file may be another attempt's.
    const { header } = await readFoldedIndex(store, key, { next, group });
    totals = addTotals(totals, header);
    next = header.shards.to;
  }
  return totals;
}

/** Takes id files in order, until there would be too many ids. */
async function takeFiles(
  files: IdFilesAhead,
  { from, to }: ShardGroup,
  run: StepRun,
  idsAFold: number,
): Promise<IdFile[]> {
  const taken: IdFile[] = [];
  let ids = 0;
  for (let place = from; place < to; place += 1) {
    throwIfStopped(run.signal);
    const file = await files.at(place);
    const { shard, documents } = file.summary;
    if (taken.length > 0 && ids + documents > idsAFold) break;
    taken.push(file);
    ids += documents;
    run.onPosition({ stage: 'scan', shard, rows: ids, tokens: 0 });
  }
  return taken;
}

/** Reads the id files of a group, some of them before they are asked for. */
class IdFilesAhead {
  readonly #files = new Map<number, Promise<IdFile>>();

  constructor(
    readonly version: OpenVersion,
    readonly shards: readonly Shard[],
    readonly group: ShardGroup,
  ) {}

  /** Returns the id file of the shard at a place of the plan. Earlier ones are forgotten. */
  at(place: number): Promise<IdFile> {
    for (const earlier of this.#files.keys()) if (earlier < place) this.#files.delete(earlier);
    if (!this.#files.has(place)) {
      const end = Math.min(place + CONCURRENT_READS, this.group.to);
      for (let next = place; next < end; next += 1) this.#read(next);
    }
    return this.#files.get(place)!;
  }

  #read(place: number): void {
    const { store, layout } = this.version;
    const file = readIdFile(store, layout.scan(this.shards[place]!.shard));
    // A failure is met by whoever asks for the file.
    file.catch(() => {});
    this.#files.set(place, file);
  }
}

function encodeFold(files: readonly IdFile[], shards: ShardGroup): Uint8Array {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (const file of files) for (const [bucket, count] of file.counts.entries()) counts[bucket]! += count;
  const totals = files.map(({ summary }) => summary).reduce(addTotals, { documents: 0, rejects: {} });
  const header: FoldedIdHeader = { shards, ...totals, counts, recordBytes: FOLDED_ID_FILE.recordBytes };
  const fold = new BucketFileWriter(FOLDED_ID_FILE, header);
  for (const { summary, records } of files)
    for (let at = 0; at < records.length; at += ID_FILE.recordBytes) {
      const to = fold.place(records[at]!);
      records.copy(fold.bytes, to, at, at + HASH_BYTES);
      fold.bytes.writeUInt32LE(summary.shard, to + HASH_BYTES);
      fold.bytes.writeUInt32LE(records.readUInt32LE(at + HASH_BYTES), to + HASH_BYTES + 4);
    }
  return fold.bytes;
}

function addTotals(left: FoldedIdTotals, right: FoldedIdTotals): FoldedIdTotals {
  return {
    documents: left.documents + right.documents,
    rejects: addRejects(left.rejects, right.rejects),
  };
}
