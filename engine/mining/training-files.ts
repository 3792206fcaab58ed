import {
  type MinedPassage,
  type MinedQuery,
  type TrainingFormat,
  type TrainingRecord,
  type TrainingRow,
  trainingRecord,
} from '../../core/mining/training-rows.js';
import { type Column, int64Column, utf8Column } from '../parquet/columns.js';
import type { Footer } from '../parquet/footer.js';
import {
  float32ListColumn,
  float64Column,
  int32ListColumn,
  utf8ListColumn,
} from '../parquet/list-columns.js';
import { writeParquetFile } from '../parquet/parquet-file.js';

const FORMAT = 'triplets/1';
const LINEAGE_FORMAT = 'triplet-lineage/1';

/**
 * Returns a Parquet file with one row for each training row, in columns that `datasets` and
 * sentence-transformers read without conversion.
 */
export function writeTrainingParquet(records: readonly TrainingRecord[], footer: Footer): Uint8Array {
  const columns = Object.keys(records[0]!).map((name) => columnOf(name, records));
  return writeParquetFile(columns, { format: FORMAT, footer, keyColumns: [] });
}

export function trainingRecords(
  rows: readonly TrainingRow[],
  format: TrainingFormat,
  withScores: boolean,
): TrainingRecord[] {
  return rows.map((row) => trainingRecord(row, format, withScores));
}

/**
 * Returns a Parquet file of where each training row comes from, in the same order. Lists have one
 * entry for each passage of the row, in the order of its columns. A positive's rank is 0. A
 * cross-encoder's score that was not asked for is NaN.
 */
export function writeLineageParquet(rows: readonly TrainingRow[], footer: Footer): Uint8Array {
  const lists = <Value>(pick: (passage: MinedPassage, label: number) => Value): Value[][] =>
    rows.map(({ passages }) => passages.map(({ passage, label }) => pick(passage, label)));
  const columns = [
    utf8Column(
      'query_id',
      rows.map(({ query }) => query.id),
    ),
    int32ListColumn(
      'labels',
      lists((_, label) => label),
    ),
    utf8ListColumn(
      'doc_ids',
      lists(({ documentId }) => documentId),
    ),
    utf8ListColumn(
      'chunk_ids',
      lists(({ chunkId }) => chunkId),
    ),
    utf8ListColumn(
      'row_keys',
      lists(({ rowKey }) => rowKey),
    ),
    utf8ListColumn(
      'vector_files',
      lists(({ vectorFile }) => vectorFile),
    ),
    int32ListColumn(
      'ranks',
      lists(({ rank = 0 }) => rank),
    ),
    float32ListColumn(
      'scores',
      lists(({ score }) => score),
    ),
    float32ListColumn(
      'cross_scores',
      lists(({ crossScore = Number.NaN }) => crossScore),
    ),
  ];
  return writeParquetFile(columns, { format: LINEAGE_FORMAT, footer, keyColumns: ['query_id'] });
}

/** Encodes rows as JSON, one object a line. */
export function jsonLines(records: readonly object[]): Uint8Array {
  // The lines are not joined as one string, which cannot be longer than half a gigabyte.
  return Buffer.concat(records.map((record) => Buffer.from(`${JSON.stringify(record)}\n`)));
}

/**
 * Records in the form that FlagEmbedding's fine-tuning reads: one line for each query that has
 * negatives, with scores for distillation if `withScores` is set.
 */
export function flagEmbeddingRecords(queries: readonly MinedQuery[], withScores: boolean): object[] {
  return queries
    .filter(({ negatives }) => negatives.length > 0)
    .map(({ text, positives, negatives }) => ({
      query: text,
      pos: positives.map((passage) => passage.text),
      neg: negatives.map((passage) => passage.text),
      ...(withScores && {
        pos_scores: positives.map(({ score }) => score),
        neg_scores: negatives.map(({ score }) => score),
      }),
    }));
}

/** Records in the form of Tevatron's training data: one line for each query that has negatives. */
export function tevatronRecords(queries: readonly MinedQuery[]): object[] {
  const passages = (found: readonly MinedPassage[]) =>
    found.map(({ chunkId, title = '', text }) => ({ docid: chunkId, title, text }));
  return queries
    .filter(({ negatives }) => negatives.length > 0)
    .map(({ id, text, positives, negatives }) => ({
      query_id: id,
      query: text,
      positive_passages: passages(positives),
      negative_passages: passages(negatives),
    }));
}

function columnOf(name: string, records: readonly TrainingRecord[]): Column {
  const values = records.map((record) => record[name]!);
  const [first] = values;
  if (typeof first === 'string') return utf8Column(name, values as string[]);
  if (name === 'scores') return float32ListColumn(name, values as number[][]);
  if (name === 'labels') return int32ListColumn(name, values as number[][]);
  if (name === 'score') return float64Column(name, values as number[]);
  if (typeof first === 'number') return int64Column(name, values as number[]);
  return utf8ListColumn(name, values as string[][]);
}
