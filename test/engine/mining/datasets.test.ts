import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TRAINING_FORMATS } from '../../../core/mining/training-rows.js';
import { cacheFolder } from '../../../engine/cache-folder.js';
import { documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

/** Of the benches' peers, which `make bench-peers` installs; the list is there once all of it is. */
const VENV = join(cacheFolder(), 'venv-peers');
const PYTHON = join(VENV, 'bin', 'python');
const SCRIPT = fileURLToPath(new URL('read_triplets.py', import.meta.url));
const KINDS = ['parquet', 'jsonl', 'lineage', 'flagembedding', 'tevatron'];

type Seen = Record<
  string,
  Record<string, { features: Record<string, string>; rows: Record<string, unknown>[] }>
>;

/** Columns that sentence-transformers' losses and trainers read: the label or scores last, everything else a text. */
const COLUMNS = {
  triplet: ['anchor', 'positive', 'negative'],
  'n-tuple': ['anchor', 'positive', 'negative_1', 'negative_2'],
  'labeled-pair': ['anchor', 'document'],
  'labeled-list': ['anchor', 'documents'],
} as const;

function read(folder: string): Seen {
  const environment = { ...process.env, HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1' };
  const output = execFileSync(PYTHON, [SCRIPT, folder, ...KINDS], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output.toString()) as Seen;
}

describe.skipIf(!existsSync(join(VENV, 'requirements.txt')))(
  'datasets (where `make bench-peers` installed it)',
  () => {
    it.each(TRAINING_FORMATS.flatMap((format) => [false, true].map((scores) => ({ format, scores }))))(
      'loads every folder of $format with scores $scores as it is, and finds both splits',
      async ({ format, scores }) => {
        const folder = await versionOf(documents(60));
        const { folder: place, rows } = await mineBelow(folder, {
          pairs: writePairs(folder, pairsOf(30)),
          format,
          scores,
          exports: ['flagembedding', 'tevatron'],
          split: { dev_share: 0.4, seed: 2 },
          mining: { num_negatives: 2, near_duplicate: 'off' },
        });
        const seen = read(place);
        for (const kind of KINDS) {
          expect(Object.keys(seen[kind]!).sort(), kind).toEqual(['train', 'validation']);
          expect(seen[kind]!.train!.rows.length, kind).toBeGreaterThan(0);
        }
        for (const [split, name] of [
          ['train', 'train'],
          ['dev', 'validation'],
        ] as const) {
          const { features, rows: table } = seen.parquet![name]!;
          const lines = rows('jsonl', split);
          expect(Object.keys(features).slice(0, COLUMNS[format].length)).toEqual(COLUMNS[format]);
          expect(table.map(textsOf)).toEqual(lines.map(textsOf));
          expect(seen.jsonl![name]!.rows).toEqual(lines);
          expect(seen.lineage![name]!.rows).toHaveLength(lines.length);
        }
      },
      120_000,
    );

    it('sees what FlagEmbedding and Tevatron train on: their names and types', async () => {
      const folder = await versionOf(documents(40));
      const { folder: place } = await mineBelow(folder, {
        pairs: writePairs(folder, pairsOf(20)),
        scores: true,
        exports: ['flagembedding', 'tevatron'],
        split: { dev_share: 0.3, seed: 1 },
        mining: { num_negatives: 2, near_duplicate: 'off' },
      });
      const { flagembedding, tevatron } = read(place);
      expect(flagembedding!.train!.features).toEqual({
        query: "Value('string')",
        pos: "List(Value('string'))",
        neg: "List(Value('string'))",
        pos_scores: "List(Value('float64'))",
        neg_scores: "List(Value('float64'))",
      });
      const passages = "List({'docid': Value('string'), 'title': Value('string'), 'text': Value('string')})";
      expect(tevatron!.train!.features).toEqual({
        query_id: "Value('string')",
        query: "Value('string')",
        positive_passages: passages,
        negative_passages: passages,
      });
    }, 120_000);
  },
);

/** Without scores, which are float32 in Parquet. */
function textsOf(row: Record<string, unknown>): unknown {
  const { scores: _scores, score: _score, ...texts } = row;
  return texts;
}
