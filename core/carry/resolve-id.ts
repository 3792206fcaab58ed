import { byDocument, type DocumentEntry } from '../document-entry.js';

/** A record that the parent knows and whose slice has not changed, or whose slice is gone. */
export interface KnownRecord extends Omit<DocumentEntry, 'slice'> {
  /**
   * The place of its slice in the new version. Undefined for a record whose object has changed or
   * is gone, of which only the rows may be of use.
   */
  slice: number | undefined;
}

/** A record of an object that is new or has changed, as the scan has read it. */
export interface ScannedRecord extends Pick<DocumentEntry, 'idHash' | 'contentHash' | 'slice' | 'at'> {
  shard: number;
  ordinal: number;
}

/** The outcome of comparing all records of one id, those of the parent and those that were read. */
export interface ResolvedId {
  /**
   * The entries of the new version that are known without cutting anything: documents whose rows
   * are carried over, and records that repeat an id.
   */
  entries: readonly DocumentEntry[];
  /** The record that must be cut into chunks. Undefined if the rows of the parent are carried. */
  chunked: ScannedRecord | undefined;
  /**
   * The record of an unchanged object that must be read to be cut: the record of the same id before
   * it has gone.
   */
  reread: DocumentEntry | undefined;
  /** The records that need no chunks although they were read. */
  unchunked: readonly { record: ScannedRecord; why: 'carried' | 'repeated' }[];
  /**
   * The record of an unchanged object that repeated the id of an earlier one, and is the document
   * now. The rows of the earlier one are carried over for it.
   */
  newlyCarried: DocumentEntry | undefined;
  /** The records of unchanged objects that had chunks, and repeat the id of an earlier one now. */
  newlyRepeated: readonly DocumentEntry[];
  /** The rows of the parent that no document has any more, as the key of the first and a count. */
  dead: { firstKey: bigint; chunks: number } | undefined;
}

/**
 * Decides what the records of one id become in the new version. As in a full run, the first record
 * in the order of the corpus is the document, and the others are rejects. The rows of the parent's
 * document are carried over if the new one has the same content, wherever it was read from.
 */
export function resolveId(known: readonly KnownRecord[], scanned: readonly ScannedRecord[]): ResolvedId {
  const kept = known.filter((record): record is DocumentEntry => record.slice !== undefined);
  const holders = [
    ...kept.map((record) => ({ record, isRead: false as const })),
    ...scanned.map((record) => ({ record, isRead: true as const })),
  ].sort((a, b) => byDocument(a.record, b.record));
  const rows = known.find(({ firstKey }) => firstKey !== undefined);
  const [first, ...others] = holders;
  const isCarried = rows !== undefined && first?.record.contentHash === rows.contentHash;
  const carried = first && isCarried && { ...rows, slice: first.record.slice, at: first.record.at };
  const repeated = others.map(({ record }) => repeatedEntry(record));
  return {
    entries: [...(carried ? [carried] : []), ...repeated],
    chunked: first?.isRead && !isCarried ? first.record : undefined,
    reread: first && !first.isRead && !isCarried ? first.record : undefined,
    unchunked: [
      ...(first?.isRead && isCarried ? [{ record: first.record, why: 'carried' as const }] : []),
      ...others.flatMap(({ record, isRead }) => (isRead ? [{ record, why: 'repeated' as const }] : [])),
    ],
    newlyCarried: first && !first.isRead && isCarried && !hasRows(first.record) ? first.record : undefined,
    newlyRepeated: others.flatMap(({ record, isRead }) => (!isRead && hasRows(record) ? [record] : [])),
    dead: rows && !isCarried ? { firstKey: rows.firstKey!, chunks: rows.chunks } : undefined,
  };
}

function hasRows({ firstKey }: Pick<DocumentEntry, 'firstKey'>): boolean {
  return firstKey !== undefined;
}

function repeatedEntry({
  idHash,
  contentHash,
  slice,
  at,
}: Pick<DocumentEntry, 'idHash' | 'contentHash' | 'slice' | 'at'>): DocumentEntry {
  return { idHash, contentHash, slice, at, firstKey: undefined, chunks: 0, tokens: 0, truncated: 0 };
}
