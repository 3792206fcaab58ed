import { counted } from '../../core/counted.js';
import type { ScoredDocument } from '../../core/metrics/ranking-order.js';
import type { ByteSource } from '../corpus/byte-source.js';
import { badLine, lineReader, readTextLines } from '../corpus/text-lines.js';

/** The documents that a system retrieved, by query id. */
export type RetrievalRun = ReadonlyMap<string, readonly ScoredDocument[]>;

const READER = lineReader('evaluation', 'each is `query Q0 document rank score tag`, as trec_eval reads it');

/**
 * Reads a TREC run. The rank column is ignored, as in trec_eval, because the scores give the ranks.
 * Errors: INPUT_DAMAGED with the line where it has other columns, a score that is not a finite
 * number, or a document that occurs twice in a query; those of `readTextLines`.
 */
export async function readRun(source: ByteSource): Promise<RetrievalRun> {
  const run = new Map<string, Map<string, number>>();
  for await (const { text, place } of readTextLines(source, READER)) {
    const fields = text.includes('\t')
      ? text.split('\t').map((field) => field.trim())
      : text.trim().split(/\s+/);
    if (fields.length !== 6) throw badLine(place, `has ${counted(fields.length, 'column')}, not 6`);
    const [query = '', , id = '', , score = ''] = fields;
    const value = Number(score);
    if (score === '' || !Number.isFinite(value)) throw badLine(place, 'has a score that is no finite number');
    const documents = run.get(query) ?? new Map<string, number>();
    if (documents.has(id)) throw badLine(place, 'names a document that its query has already');
    run.set(query, documents.set(id, value));
  }
  return new Map(
    [...run].map(([query, documents]) => [query, [...documents].map(([id, score]) => ({ id, score }))]),
  );
}
