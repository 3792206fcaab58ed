/** One input record, as a corpus reader hands it on. */
export interface Document {
  id: string;
  text: string;
  title?: string;
  /** Further columns that the job maps. They are stored beside each chunk as JSON. */
  metadata?: Readonly<Record<string, unknown>>;
}

/** The reasons why a document is quarantined instead of embedded. */
export const REJECT_CODES = {
  BAD_JSON: 'the record is not valid JSON, or not an object',
  BAD_ROW: 'the row does not have the columns of its table',
  INVALID_UTF8: 'the bytes are not valid UTF-8, or a string holds half a surrogate pair',
  MISSING_ID: 'the id column is absent or empty',
  MISSING_TEXT: 'the text column is absent or not a string',
  EMPTY_TEXT: 'the text is empty or only white space',
  DUPLICATE_ID: 'an earlier document of this corpus has the same id',
  TOO_LARGE: 'the record is larger than the job allows',
} as const;

export type RejectCode = keyof typeof REJECT_CODES;

/**
 * The place of a record in its object. `byte` is for formats that are addressed by bytes, `row` for
 * all others. Both count from 0.
 */
export interface RecordPosition {
  uri: string;
  unit: 'byte' | 'row';
  at: number;
}

/** A quarantined record. It never holds the record's text. */
export interface Reject {
  code: RejectCode;
  reason: string;
  position: RecordPosition;
  /** The record's number within its shard, from 0. Good and bad records are counted alike. */
  ordinal: number;
  /** The document's id, where one could be read. */
  id?: string;
}

/**
 * A record that a corpus reader yields, in corpus order. `longRow` marks a table row that runs over
 * many lines.
 */
export type CorpusRecord = { longRow?: true } & (
  | { kind: 'document'; ordinal: number; position: RecordPosition; document: Document }
  | { kind: 'reject'; reject: Reject }
);
