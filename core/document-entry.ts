/** Bytes of the hashes by which a version knows its documents. */
export const DOCUMENT_HASH_BYTES = 16;

/** The key that files store where a document has no chunks. No row has it. */
export const NO_ROW_KEY = 2n ** 64n - 1n;

/** The facts that a version knows about one document of its corpus. */
export interface DocumentEntry {
  /** The first 128 bits of the SHA-256 of the document's id, in hex. */
  idHash: string;
  /** The first 128 bits of the SHA-256 of its text, title and metadata, in hex. */
  contentHash: string;
  /** The place, in the list of slices, of the slice that it was read from. */
  slice: number;
  /** The place at which its record begins in the object, in bytes or records. */
  at: number;
  /**
   * The row key of its first chunk; the others follow it. Undefined for a record that repeats the
   * id of an earlier one, and therefore has no chunks.
   */
  firstKey: bigint | undefined;
  /** The numbers of its chunks, of their tokens, and of those of them that are truncated. */
  chunks: number;
  tokens: number;
  truncated: number;
}

/**
 * Orders entries by the hash of the id, and the records of one id in the order of the corpus, in
 * which slices are numbered. The first of them is the one whose chunks count.
 */
export function byDocument(
  a: Pick<DocumentEntry, 'idHash' | 'slice' | 'at'>,
  b: Pick<DocumentEntry, 'idHash' | 'slice' | 'at'>,
): number {
  if (a.idHash !== b.idHash) return a.idHash < b.idHash ? -1 : 1;
  return a.slice - b.slice || a.at - b.at;
}
