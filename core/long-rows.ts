import type { RecordPosition } from './document.js';

/**
 * Rows of tables that run over many lines because of a quoted field. Long texts are written this
 * way, but rows that a stray quote has swallowed look the same, so the user is warned.
 */
export interface LongRows {
  rows: number;
  /** The place of one of these rows. */
  example: RecordPosition;
}

/** A row with more lines than this is counted. */
export const MANY_LINES = 10;

export function addLongRows(left: LongRows | undefined, right: LongRows | undefined): LongRows | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return { rows: left.rows + right.rows, example: left.example };
}

/**
 * Describes long rows, for example: `2 rows run over more than 10 lines, as the one at byte 12 of
 * s3://bucket/a.csv`
 */
export function describeLongRows({ rows, example }: LongRows): string {
  const which = rows === 1 ? '1 row runs' : `${rows} rows run`;
  const { unit, at, uri } = example;
  return `${which} over more than ${MANY_LINES} lines, ${rows === 1 ? '' : 'such as the one '}at ${unit} ${at} of ${uri}`;
}
