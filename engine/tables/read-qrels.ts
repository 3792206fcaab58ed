import { counted } from '../../core/counted.js';
import type { Judgements } from '../../core/metrics/judgements.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { extensionOf } from '../corpus/detect-format.js';
import { badLine, type LinePlace, lineReader } from '../corpus/text-lines.js';
import { readTableRows } from './table-rows.js';

/** Judgements by query id, in file order. */
export type Qrels = ReadonlyMap<string, Judgements>;

const READER = lineReader(
  'tables',
  'each is `query-id corpus-id score` (BEIR, tabs or in `.csv` commas, with or without a header) or `query 0 document relevance` (TREC), the last a whole number',
);

/**
 * Reads relevance judgements from a CSV or TSV table with or without a header, which has BEIR's
 * three columns or TREC's four. A TSV row without a tab is separated by white space. A pair that is
 * judged twice alike counts once.
 * Errors: INPUT_DAMAGED with the line if a row has another number of columns, if its relevance is
 * not a whole number, or if a pair is judged twice differently; those of `readTableRows`.
 */
export async function readQrels(source: ByteSource): Promise<Qrels> {
  const qrels = new Map<string, Map<string, number>>();
  let columns: number | undefined;
  const format = extensionOf(source.key) === 'csv' ? 'csv' : 'tsv';
  for await (const { fields: cells, place } of readTableRows(source, READER, format)) {
    const fields = cells.length === 1 ? wordsOf(cells[0]!) : cells.map((cell) => cell.trim());
    if (fields.length === 0) continue;
    if (columns === undefined) {
      columns = fields.length;
      if (columns !== 3 && columns !== 4) throw badLine(place, `has ${counted(columns, 'column')}`);
      if (isHeader(fields)) continue;
    }
    if (fields.length !== columns)
      throw badLine(place, `has ${counted(fields.length, 'column')}, not ${columns}`);
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

/** Returns the words of a line that white space separates. */
function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}

/**
 * Says whether a row is a header. Only tables of three columns have one, and its last field is a
 * word.
 */
function isHeader(fields: readonly string[]): boolean {
  return fields.length === 3 && /^[a-z]/i.test(fields[2]!) && !/^(nan|inf(inity)?)$/i.test(fields[2]!);
}

function toRelevance(field: string, place: LinePlace): number {
  const value = Number(field);
  if (/^[+-]?\d+(\.0+)?$/.test(field) && Number.isSafeInteger(value)) return value;
  throw badLine(place, 'has a relevance that is not a whole number');
}
