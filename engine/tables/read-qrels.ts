import type { Judgements } from '../../core/metrics/judgements.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { badLine, type LinePlace, readTextLines } from '../corpus/text-lines.js';
import { linesOf } from './table-errors.js';

/** Judgements by query id, in file order. */
export type Qrels = ReadonlyMap<string, Judgements>;

const READER = linesOf(
  'each is `query-id corpus-id score` (BEIR, tabs, with or without a header) or `query 0 document relevance` (TREC), the last a whole number',
);

/**
 * Relevance judgements: BEIR's three columns or TREC's four, separated by tabs where a line has one, else by white
 * space. A pair that is judged twice alike counts once.
 * Errors: INPUT_DAMAGED with the line where a row has another number of columns or its relevance is no whole number, and
 * where a pair is judged twice differently; those of `readTextLines`.
 */
export async function readQrels(source: ByteSource): Promise<Qrels> {
  const qrels = new Map<string, Map<string, number>>();
  let columns: number | undefined;
  for await (const { text, place } of readTextLines(source, READER)) {
    const fields = fieldsOf(text);
    if (columns === undefined) {
      columns = fields.length;
      if (columns !== 3 && columns !== 4) throw badLine(place, `has ${columns} columns`);
      if (isHeader(fields)) continue;
    }
    if (fields.length !== columns) throw badLine(place, `has ${fields.length} columns, not ${columns}`);
    const query = fields[0]!;
    const document = fields[columns - 2]!;
    if (query === '' || document === '') throw badLine(place, 'has an empty id');
    const relevance = toRelevance(fields.at(-1)!, place);
    const judgements = qrels.get(query) ?? new Map<string, number>();
    const before = judgements.get(document);
    if (before !== undefined && before !== relevance)
      throw badLine(place, 'judges a document that an earlier line judges differently');
    qrels.set(query, judgements.set(document, relevance));
  }
  return qrels;
}

/** The columns of a line of qrels or of a run. */
export function fieldsOf(line: string): string[] {
  return line.includes('\t') ? line.split('\t').map((field) => field.trim()) : line.trim().split(/\s+/);
}

/** Only three columns have a header, and its last one is a word. */
function isHeader(fields: readonly string[]): boolean {
  return fields.length === 3 && /^[a-z]/i.test(fields[2]!) && !/^(nan|inf(inity)?)$/i.test(fields[2]!);
}

function toRelevance(field: string, place: LinePlace): number {
  const value = Number(field);
  if (/^[+-]?\d+(\.0+)?$/.test(field) && Number.isSafeInteger(value)) return value;
  throw badLine(place, 'has a relevance that is no whole number');
}
