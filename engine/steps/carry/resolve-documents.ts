import { bucketRanges } from '../../../core/buckets.js';
import type { KeyRun } from '../../../core/carry/live-ranges.js';
import {
  type KnownRecord,
  type ResolvedId,
  resolveId,
  type ScannedRecord,
} from '../../../core/carry/resolve-id.js';
import type { ResolvedDocuments } from '../../../core/carry/resolved-documents.js';
import { VERDICT_BYTES } from '../../../core/carry/verdict.js';
import { byDocument, type DocumentEntry } from '../../../core/document-entry.js';
import type { LongRows } from '../../../core/long-rows.js';
import { addLongRows } from '../../../core/long-rows.js';
import { packSlices } from '../../../core/plan-shards.js';
import { addRejects, type RejectCounts, totalRejects } from '../../../core/reject-counts.js';
import { throwIfStopped } from '../../concurrency/stop.js';
import { writeCarryingPlanFile } from '../../parquet/plan-file.js';
import { createOnce, encodeJson } from '../../version/create-once.js';
import type { OpenVersion } from '../../version/open-version.js';
import { parseRecord, readJsonRecord } from '../../version/read-json-record.js';
import { encodeDocuments } from '../document-file.js';
import type { StepRun } from '../step-context.js';
import { assertParentFiles } from './assert-parent-files.js';
import { type CarriedCorpus, carriedCorpus, carriedDocuments } from './carried-corpus.js';
import { carryRejects } from './carried-rejects.js';
import { encodeRuns } from './dead-rows.js';
import { joinSorted } from './join-sorted.js';
import { openScanned } from './scanned-file.js';
import { type SliceOrder, sliceOrder } from './slice-order.js';

/** The number of carried documents in a piece, at 64 bytes each. */
const PIECE_DOCUMENTS = 262_144;

/** The content of `carry/resolved.json`. */
type ResolvedRecord = ResolvedDocuments & { formatVersion: 1 };

/** One open file of scanned documents. */
type ScannedShard = Awaited<ReturnType<typeof openScanned>> & { shard: number };

/**
 * Compares the documents of the parent with those that the scan found, and decides once what
 * becomes of each: whose rows are carried over, what is cut into chunks, and which rows die. Where
 * the first holder of an id has gone and the next one lies in an object that has not changed, that
 * object must be read: it is planned as one more shard, and the comparison is to be called again
 * when that shard was scanned. Memory holds the scanned documents of a range of ids, a byte for each
 * scanned record and 12 bytes for each document that has gone. Errors: those of `carriedCorpus` and of
 * `assertParentFiles`.
 */
export async function resolveDocuments(version: OpenVersion, run: StepRun): Promise<ResolvedDocuments> {
  const { store, layout } = version;
  if (await store.head(layout.resolved)) return readJsonRecord<ResolvedRecord>(store, layout.resolved, 1);
  const parent = await carriedCorpus(version);
  if (parent) await assertParentFiles(version, parent);
  const order = await sliceOrder(version, parent);
  const plan = await version.plan();
  const files = await Promise.all(
    plan.map(async ({ shard }) => ({ shard, ...(await openScanned(store, layout.scannedDocuments(shard))) })),
  );
  const resolution = new Resolution(version, files);
  const scanned = scannedRecords(version, files, order);
  const known = parent ? knownRecords(version, parent, order) : none();
  for await (const { left, right } of joinSorted(known, scanned, ({ idHash }) => idHash)) {
    throwIfStopped(run.signal);
    await resolution.add(resolveId(left, right), left);
  }
  if (resolution.rereadPlaces.size > 0 && parent) {
    const shards = await planAgain(version, parent, order, resolution.rereadPlaces);
    return { ...resolution.counts(parent), shards };
  }
  return resolution.write(parent, order);
}

async function* none(): AsyncGenerator<KnownRecord> {}

/** Yields the documents of the parent, with the places of their slices in the new version. */
async function* knownRecords(
  version: OpenVersion,
  parent: CarriedCorpus,
  { placeOfParent }: SliceOrder,
): AsyncGenerator<KnownRecord & { parentSlice: number }> {
  for await (const document of carriedDocuments(version, parent))
    yield { ...document, slice: placeOfParent[document.slice], parentSlice: document.slice };
}

/** Yields the scanned documents in their order, a range of ids in memory at a time. */
async function* scannedRecords(
  version: OpenVersion,
  files: readonly ScannedShard[],
  order: SliceOrder,
): AsyncGenerator<ScannedRecord> {
  const plan = await version.plan();
  const count = files.reduce((sum, { summary }) => sum + summary.documents, 0);
  for (const range of bucketRanges(count)) {
    const read = await Promise.all(
      files.map(async (file, place) => {
        const { slices, shard } = plan[place]!;
        const places = slices.map((slice) => order.placeOf(slice));
        return (await file.read(range)).map(
          (document): ScannedRecord => ({ ...document, shard, slice: places[document.slice]! }),
        );
      }),
    );
    yield* read.flat().sort(byDocument);
  }
}

/** Plans the objects of some kept slices as more shards, once. Returns the number of all shards. */
async function planAgain(
  version: OpenVersion,
  parent: CarriedCorpus,
  order: SliceOrder,
  places: ReadonlySet<number>,
): Promise<number> {
  const { store, layout, job } = version;
  const plan = await version.plan();
  const uris = new Set([...places].map((place) => order.slices[place]!.slice.uri));
  const kept = (await version.keptSlices()).filter((place) => !uris.has(parent.slices[place]!.uri));
  const slices = parent.slices.filter(({ uri }) => uris.has(uri));
  const firstShard = (job.carry?.firstShard ?? 0) + plan.length;
  const shards = packSlices(slices, { shardBytes: job.spec.shardBytes, firstShard });
  const file = { shards, kept };
  const bytes = writeCarryingPlanFile(file, parent.slices, { fingerprint: job.fingerprint });
  await createOnce(store, layout.planAgain, bytes);
  return (await version.plan()).length;
}

/** Collects what becomes of the documents of a version. */
class Resolution {
  /** The places of the kept slices that must be read. */
  readonly rereadPlaces = new Set<number>();
  readonly #version: OpenVersion;
  readonly #files: readonly ScannedShard[];
  readonly #verdicts: ReadonlyMap<number, Uint8Array>;
  readonly #dead: KeyRun[] = [];
  readonly #promoted: { slice: number; at: number }[] = [];
  readonly #demoted: { slice: number; at: number; firstKey: bigint }[] = [];
  #entries: DocumentEntry[] = [];
  #pieces = 0;
  #repeated = 0;
  #added = { documents: 0 };
  #changed = { documents: 0 };
  #deleted = { documents: 0, chunks: 0 };
  readonly #deletedOfSlices = new Map<number, number>();
  #carried = { documents: 0, chunks: 0 };

  constructor(version: OpenVersion, files: readonly ScannedShard[]) {
    this.#version = version;
    this.#files = files;
    this.#verdicts = new Map(
      files.map(({ shard, summary }) => [
        shard,
        new Uint8Array(summary.documents + totalRejects(summary.rejects)),
      ]),
    );
  }

  /** Takes the records of one id. `known` are those of the parent. */
  async add(resolved: ResolvedId, known: readonly (KnownRecord & { parentSlice?: number })[]): Promise<void> {
    const { entries, chunked, reread, unchunked, newlyCarried, newlyRepeated, dead } = resolved;
    for (const { record, why } of unchunked) {
      this.#verdicts.get(record.shard)![record.ordinal] = VERDICT_BYTES[why];
      if (why === 'repeated') this.#repeated += 1;
    }
    if (reread) this.rereadPlaces.add(reread.slice);
    const parentSliceOf = ({ slice, at }: DocumentEntry) =>
      known.find((record) => record.slice === slice && record.at === at)!.parentSlice!;
    if (newlyCarried) this.#promoted.push({ slice: parentSliceOf(newlyCarried), at: newlyCarried.at });
    for (const record of newlyRepeated)
      this.#demoted.push({ slice: parentSliceOf(record), at: record.at, firstKey: record.firstKey! });
    const rows = known.find(({ firstKey }) => firstKey !== undefined);
    if (dead) {
      this.#dead.push(dead);
      if (chunked || reread) this.#changed.documents += 1;
      else {
        this.#deleted.documents += 1;
        this.#deleted.chunks += dead.chunks;
        const place = rows!.parentSlice!;
        this.#deletedOfSlices.set(place, (this.#deletedOfSlices.get(place) ?? 0) + 1);
      }
    } else if (!rows && chunked) this.#added.documents += 1;
    for (const entry of entries) {
      if (entry.firstKey !== undefined) {
        this.#carried.documents += 1;
        this.#carried.chunks += entry.chunks;
      }
      this.#entries.push(entry);
    }
    if (this.#entries.length >= PIECE_DOCUMENTS) await this.#writePiece();
  }

  counts(parent: CarriedCorpus | undefined): ResolvedDocuments {
    const summaries = this.#files.map(({ summary }) => summary);
    const scannedRejects = summaries.reduce(
      (sum, { rejects }) => addRejects(sum, rejects),
      this.#repeated > 0 ? { DUPLICATE_ID: this.#repeated } : ({} as RejectCounts),
    );
    const longRows = summaries.reduce(
      (sum: LongRows | undefined, { longRows: own }) => addLongRows(sum, own),
      undefined,
    );
    const [added, changed, carried] = [this.#added, this.#changed, this.#carried];
    return {
      shards: this.#files.length,
      documents: added.documents + changed.documents + carried.documents,
      rejects: scannedRejects,
      ...(longRows && { longRows }),
      added,
      changed,
      deleted: this.#deleted,
      deletedBelow: foldersOf(this.#deletedOfSlices, parent),
      carried,
      pieces: this.#pieces,
      promoted: this.#promoted,
      demoted: this.#demoted.map(({ slice, at }) => ({ slice, at })),
      rejectFiles: [],
    };
  }

  /** Writes what was decided. The record that says so is written last. */
  async write(parent: CarriedCorpus | undefined, order: SliceOrder): Promise<ResolvedDocuments> {
    const { store, layout } = this.#version;
    if (this.#entries.length > 0) await this.#writePiece();
    for (const [shard, verdicts] of this.#verdicts) await createOnce(store, layout.verdicts(shard), verdicts);
    this.#dead.sort((a, b) => (a.firstKey < b.firstKey ? -1 : 1));
    await createOnce(store, layout.deadRows, encodeRuns(this.#dead));
    const counts = this.counts(parent);
    const carriedRejects = parent
      ? await carryRejects(this.#version, parent, {
          isKept: (place) => order.placeOfParent[place] !== undefined,
          promoted: this.#promoted,
          demoted: this.#demoted,
        })
      : { rejects: {}, files: [] };
    const record: ResolvedRecord = {
      formatVersion: 1,
      ...counts,
      rejects: addRejects(counts.rejects, carriedRejects.rejects),
      rejectFiles: carriedRejects.files,
    };
    const { bytes } = await createOnce(store, layout.resolved, encodeJson(record));
    return parseRecord<ResolvedRecord>(bytes, 1, `${store.root}/${layout.resolved}`);
  }

  async #writePiece(): Promise<void> {
    // Another attempt finds the same documents, so that it writes the same pieces.
    const { store, layout } = this.#version;
    await createOnce(store, layout.carriedDocuments(this.#pieces), encodeDocuments(this.#entries));
    this.#pieces += 1;
    this.#entries = [];
  }
}

/** The number of folders that an error names. */
const NAMED_FOLDERS = 5;

/** Returns the folders with most of the documents that are counted by their slices. */
function foldersOf(
  ofSlices: ReadonlyMap<number, number>,
  parent: CarriedCorpus | undefined,
): { prefix: string; documents: number }[] {
  const folders = new Map<string, number>();
  for (const [place, documents] of ofSlices) {
    const { uri } = parent!.slices[place]!;
    const prefix = uri.slice(0, uri.lastIndexOf('/') + 1);
    folders.set(prefix, (folders.get(prefix) ?? 0) + documents);
  }
  return [...folders]
    .map(([prefix, documents]) => ({ prefix, documents }))
    .sort((a, b) => b.documents - a.documents || (a.prefix < b.prefix ? -1 : 1))
    .slice(0, NAMED_FOLDERS);
}

/**
 * Forgets what was listed and scanned of a version of which nothing is cut yet, so that the next run
 * lists the input again.
 */
export async function forgetPlan(version: OpenVersion): Promise<void> {
  const { store, layout } = version;
  const shards = await version.plan();
  const pieces = (await store.head(layout.resolved))
    ? (await readJsonRecord<ResolvedRecord>(store, layout.resolved, 1)).pieces
    : 0;
  const carried = Array.from({ length: pieces }, (_, piece) => layout.carriedDocuments(piece));
  const ofShards = shards.flatMap(({ shard }) => [
    layout.scannedDocuments(shard),
    layout.scanRejects(shard),
    layout.verdicts(shard),
  ]);
  // Whoever finds no plan begins anew, so that the plan goes first.
  const keys = [layout.plan, layout.resolved, layout.planAgain, layout.deadRows, layout.carriedRejects];
  for (const key of [...keys, ...carried, ...ofShards]) await store.delete(key);
}
