import { counted } from '../../core/counted.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { extensionOf } from '../corpus/detect-format.js';
import { badLine, type LinePlace, lineReader, readJsonLines, readString } from '../corpus/text-lines.js';
import { readTableRows, type TableRow } from '../tables/table-rows.js';
import { refuse } from './evaluation-errors.js';

export interface SentencePair {
  first: string;
  second: string;
  /** The judges' score, on any scale. */
  score: number;
}

const COLUMNS = ['sentence1', 'sentence2', 'score'] as const;
const READER = lineReader(
  'evaluation',
  'each has two sentences and a score that is a number (judgements of documents need --corpus and --queries, or --run)',
);

/**
 * Returns the rows of a file of sentence pairs (STS), which is CSV, TSV or JSONL by its extension.
 * The columns of a table are found by the names `sentence1`, `sentence2` and `score` if its first
 * row has them. Otherwise, the table must have exactly these three columns, in this order. Errors:
 * INPUT_DAMAGED with the row, from 1, where a score is not a finite number or a row has other
 * columns; INPUT_UNSUPPORTED where the columns cannot be found or all scores are equal;
 * INPUT_EMPTY.
 */
export async function readSentencePairs(source: ByteSource): Promise<SentencePair[]> {
  const pairs: SentencePair[] = [];
  if (extensionOf(source.key) === 'jsonl') {
    for await (const { fields, place } of readJsonLines(source, READER)) {
      const [first, second] = [readString(fields, COLUMNS[0], place), readString(fields, COLUMNS[1], place)];
      pairs.push({ first, second, score: toScore(String(fields.score), place) });
    }
  } else {
    for await (const pair of pairsOfTable(readTableRows(source, READER), source.uri)) pairs.push(pair);
  }
  if (pairs.length === 0) {
    const remedy = 'Give a file with two sentences and a score in each row.';
    throw refuse('INPUT_EMPTY', `${source.uri}: there are no pairs`, remedy, source.uri);
  }
  if (pairs.every(({ score }) => score === pairs[0]!.score)) {
    const message = `${source.uri}: all scores are equal, so that nothing correlates with them`;
    throw refuse('INPUT_UNSUPPORTED', message, 'Give pairs of which some are scored higher.', source.uri);
  }
  return pairs;
}

async function* pairsOfTable(rows: AsyncIterable<TableRow>, uri: string): AsyncGenerator<SentencePair> {
  let columns: readonly number[] | undefined;
  let width = 0;
  for await (const { fields, place } of rows) {
    if (columns === undefined) {
      width = fields.length;
      const named = COLUMNS.map((name) => fields.indexOf(name));
      columns = named.includes(-1) ? [0, 1, 2] : named;
      if (columns === named) continue;
      if (width !== COLUMNS.length) throw unknownColumns(uri);
    }
    if (fields.length !== width)
      throw badLine(place, `has ${counted(fields.length, 'column')}, not ${width}`);
    const [first = '', second = '', score = ''] = columns.map((index) => fields[index]!);
    yield { first, second, score: toScore(score, place) };
  }
}

function toScore(field: string, place: LinePlace): number {
  const score = Number(field);
  if (field.trim() === '' || !Number.isFinite(score))
    throw badLine(place, 'has a score that is no finite number');
  return score;
}

function unknownColumns(uri: string) {
  return refuse(
    'INPUT_UNSUPPORTED',
    `${uri}: the first row does not name the columns ${COLUMNS.join(', ')}, and there are not just three`,
    'Put a header row first, or keep these three columns alone.',
    uri,
  );
}
