import type { PartFileRef } from '../commit.js';
import type { LongRows } from '../long-rows.js';
import type { RejectCounts } from '../reject-counts.js';

/** The record of a corpus by its place, in an object that has not changed. */
export interface KeptRecord {
  /** The place of its slice in the parent's list of slices. */
  slice: number;
  /** The place at which it begins in the object, in bytes or records. */
  at: number;
}

/** The documents of the parent that a version deletes. */
export interface DeletedDocuments {
  /** The number of documents of the parent. */
  known: number;
  /** The documents of the parent whose ids the corpus does not have any more. */
  deleted: { documents: number; chunks: number };
  /** The folders in which most of the deleted documents were, at most a few. */
  deletedBelow: readonly { prefix: string; documents: number }[];
}

/** The counts of comparing the documents of a corpus with those of the parent. */
export interface ResolvedCounts extends DeletedDocuments {
  /** The number of shards of the version. */
  shards: number;
  /** The number of documents of the version. */
  documents: number;
  /** The quarantined records of the version. */
  rejects: RejectCounts;
  /** The long rows among what was scanned. Absent if there are none. */
  longRows?: LongRows;
  /** The documents whose ids the parent does not have. */
  added: { documents: number };
  /** The documents of which the parent has another content. */
  changed: { documents: number };
  /** The documents whose rows are carried over. */
  carried: { documents: number; chunks: number };
}

/** The outcome of comparing the documents of a corpus with those of the parent. */
export interface ResolvedDocuments extends ResolvedCounts {
  /** The number of files of documents that are known without being cut. */
  pieces: number;
  /** The records that repeated the id of an earlier one, and are documents now. */
  promoted: readonly KeptRecord[];
  /** The records that were documents, and repeat the id of an earlier one now. */
  demoted: readonly KeptRecord[];
  /** The files of the rejects of objects that have not changed. */
  rejectFiles: readonly PartFileRef[];
}

/** The shards of a version, if more of them must be scanned before its documents are compared. */
export interface ScanMore {
  kind: 'scan-more';
  shards: number;
}

/**
 * The answer of a comparison: more shards must be scanned before it is made again, or it is known
 * what becomes of every document. Earlier releases gave no `kind`, and the counts in either case.
 */
export type ComparedDocuments<Counts extends ResolvedCounts = ResolvedCounts> =
  | ScanMore
  | ({ kind?: 'resolved' } & Counts);

/** Says whether more shards must be scanned, after `scanned` of them were. */
export function mustScanMore(compared: ComparedDocuments, scanned: number): compared is ScanMore {
  return compared.kind === 'scan-more' || (compared.kind === undefined && compared.shards > scanned);
}
