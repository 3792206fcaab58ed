import type { KeyRun } from '../../../core/carry/live-ranges.js';
import type { KnownRecord, ResolvedId } from '../../../core/carry/resolve-id.js';
import type { ResolvedDocuments } from '../../../core/carry/resolved-documents.js';
import { VERDICT_BYTES } from '../../../core/carry/verdict.js';
import type { DocumentEntry } from '../../../core/document-entry.js';
import { addLongRows, type LongRows } from '../../../core/long-rows.js';
import { addRejects, type RejectCounts, totalRejects } from '../../../core/reject-counts.js';
import { mapConcurrently } from '../../concurrency/map-concurrently.js';
import { createOnce, encodeJson } from '../../version/create-once.js';
import type { OpenVersion } from '../../version/open-version.js';
import { parseRecord, readJsonRecord } from '../../version/read-json-record.js';
import { encodeDocuments } from '../document-file.js';
import type { ScanSummary } from '../id-file.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { carryRejects } from './carried-rejects.js';
import { encodeRuns } from './dead-rows.js';
import { foldersOf } from './deleted-folders.js';
import type { SliceOrder } from './slice-order.js';

/** The number of carried documents in a piece, at 64 bytes each. */
const PIECE_DOCUMENTS = 262_144;

const CONCURRENT_WRITES = 16;

/** The content of `carry/resolved.json`. */
type ResolvedRecord = ResolvedDocuments & { formatVersion: 1 };

/** Reads what became of the parent's documents. Errors: OBJECT_NOT_FOUND, FILE_DAMAGED. */
export function readResolved({
  store,
  layout,
}: Pick<OpenVersion, 'store' | 'layout'>): Promise<ResolvedRecord> {
  return readJsonRecord<ResolvedRecord>(store, layout.resolved, 1);
}

/** Collects what becomes of the documents of a version. */
export class Resolution {
  /** The places of the kept slices that must be read. */
  readonly rereadPlaces = new Set<number>();
  readonly #version: OpenVersion;
  readonly #summaries: readonly ScanSummary[];
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

  /** `summaries` are those of all scanned shards. */
  constructor(version: OpenVersion, summaries: readonly ScanSummary[]) {
    this.#version = version;
    this.#summaries = summaries;
    this.#verdicts = new Map(
      summaries.map(({ shard, documents, rejects }) => [
        shard,
        new Uint8Array(documents + totalRejects(rejects)),
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

  #counts(parent: CarriedCorpus | undefined): ResolvedDocuments {
    const scannedRejects = this.#summaries.reduce(
      (sum, { rejects }) => addRejects(sum, rejects),
      this.#repeated > 0 ? { DUPLICATE_ID: this.#repeated } : ({} as RejectCounts),
    );
    const longRows = this.#summaries.reduce(
      (sum: LongRows | undefined, { longRows: own }) => addLongRows(sum, own),
      undefined,
    );
    const [added, changed, carried] = [this.#added, this.#changed, this.#carried];
    return {
      shards: this.#summaries.length,
      documents: added.documents + changed.documents + carried.documents,
      rejects: scannedRejects,
      ...(longRows && { longRows }),
      added,
      changed,
      known: this.#deleted.documents + changed.documents + carried.documents,
      deleted: this.#deleted,
      deletedBelow: foldersOf(this.#deletedOfSlices, parent?.slices ?? []),
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
    await mapConcurrently([...this.#verdicts], CONCURRENT_WRITES, ([shard, verdicts]) =>
      createOnce(store, layout.verdicts(shard), verdicts),
    );
    this.#dead.sort((a, b) => (a.firstKey < b.firstKey ? -1 : 1));
    await createOnce(store, layout.deadRows, encodeRuns(this.#dead));
    const counts = this.#counts(parent);
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
