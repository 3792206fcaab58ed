import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SMALL_MINING_JOB } from '../../cli/docs/mining-example.js';
import { SMALL_SCHEDULE } from '../../cli/docs/schedule-example.js';
import { CROSS_ENCODERS } from '../engine/model/cross-encoders.js';

const TEXTS = [
  ['leave', 'Managers may approve leave of their team, at least two weeks ahead.'],
  ['refs', 'A ref is moved by compare-and-swap, so that two writers cannot both win.'],
  ['crash', 'A crash costs the part in hand; everything before it is kept.'],
  ['night', 'The night embeds what the bucket holds and moves the ref at its end.'],
] as const;

const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const documents = [
  ...TEXTS.map(([_id, text]) => ({ _id, title: _id, text })),
  ...Array.from({ length: 60 }, (_, row) => ({
    _id: `d${row}`,
    title: `Rule ${row}`,
    text: `Rule number ${row}.`,
  })),
];
const queries = TEXTS.map(([_id], index) => ({ _id: `q${index}`, text: `what about ${_id}?` }));
const judgements = TEXTS.map(([_id], index) => [`q${index}`, _id]);
const beirQrels = ['query-id\tcorpus-id\tscore', ...judgements.map((pair) => `${pair.join('\t')}\t1`)];
const squad = JSON.stringify({
  data: [
    {
      paragraphs: TEXTS.map(([name, context], id) => ({
        context,
        qas: [{ id: String(id), question: `what about ${name}?`, answers: [{ text: context.slice(0, 9) }] }],
      })),
    },
  ],
});

/** The files that the examples name, by path, as a reader would have them. */
const FILES: Readonly<Record<string, string | Buffer>> = {
  'mine.yaml': SMALL_MINING_JOB,
  // Earlier examples leave versions of other documents, which its first night deletes.
  'nightly.yaml': `${SMALL_SCHEDULE}  limits: { delete_documents: 1000 }\n`,
  'scifact/corpus.jsonl': lines(documents),
  'scifact/queries.jsonl': lines(queries),
  'scifact/qrels/test.tsv': `${beirQrels.join('\n')}\n`,
  'scifact/qrels/train.tsv': `${beirQrels.join('\n')}\n`,
  'corpus.jsonl': lines(documents),
  'corpus.jsonl.gz': gzipSync(lines(documents)),
  'queries.jsonl': lines(queries),
  'qrels.txt': judgements.map(([query, id]) => `${query} 0 ${id} 1\n`).join(''),
  'bm25.run': judgements.map(([query, id]) => `${query} Q0 ${id} 1 1.5 bm25\n`).join(''),
  'squad-dev.json': squad,
  'xquad.en.json': squad,
  'sts-test.csv': 'a cat sleeps,a cat is asleep,4.5\na cat sleeps,stocks fell,0.2\nit rains,rain falls,5\n',
  'texts.jsonl': lines(TEXTS.map(([id, text]) => ({ id, text }))),
  'texts.jsonl.gz': gzipSync(lines(TEXTS.map(([id, text]) => ({ id, text })))),
  'documents.jsonl': lines(TEXTS.map(([id, text]) => ({ id, text }))),
  'pairs.jsonl': lines(TEXTS.map(([id, text]) => ({ id, query: `what about ${id}?`, text }))),
  'rows.jsonl': lines(
    Array.from({ length: 300 }, (_, row) => ({
      _id: `d${row}`,
      title: `leave ${row}`,
      text: `Rule ${row} of ${2020 + (row % 6)}.`,
      year: 2020 + (row % 6),
      language: row % 2 === 0 ? 'en' : 'de',
    })),
  ),
};

/** Jobs that make what the examples read: `handbook` in two versions, and `papers`. */
export const PREPARING_JOBS: Readonly<Record<string, string>> = {
  'v1.yaml': rowsJob('v1', 'current'),
  'v2.yaml': rowsJob('v2', 'candidate'),
  'papers.yaml':
    'dataset: papers\ninput: ./corpus.jsonl\noutput: s3://vectormill/vectors\nmodel: all-MiniLM-L6-v2\n',
};

function rowsJob(version: string, ref: string): string {
  return `dataset: handbook
version: ${version}
ref: ${ref}
input: {uri: ./rows.jsonl, columns: {metadata: [year, language]}}
output: s3://vectormill/vectors
model: {source: all-MiniLM-L6-v2, max_tokens: 32}
chunking: {strategy: none}
`;
}

/**
 * Writes all files that the examples name into `folder`. `model` is the folder of a model that
 * becomes `./my-model`.
 */
export function writeExampleFiles(folder: string, model: string): void {
  for (const [path, content] of Object.entries({ ...FILES, ...PREPARING_JOBS })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  cpSync(model, join(folder, 'my-model'), { recursive: true });
  mkdirSync(join(folder, 'my-model', 'onnx'));
  for (const name of ['my-cross-encoder', 'minilm-l6-cross-encoder'])
    cpSync(join(CROSS_ENCODERS, 'saved'), join(folder, name), { recursive: true });
}

/**
 * Keeps the first `words` words of a vocabulary, which include the letters and the special tokens.
 */
export function shortenVocabulary(tokenizerFile: string, words: number): void {
  const tokenizer = JSON.parse(readFileSync(tokenizerFile, 'utf8'));
  const { vocab } = tokenizer.model;
  tokenizer.model.vocab = Object.fromEntries(
    Object.entries<number>(vocab).filter(([, token]) => token < words),
  );
  writeFileSync(tokenizerFile, JSON.stringify(tokenizer));
}
