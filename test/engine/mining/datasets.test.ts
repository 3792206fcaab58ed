import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRAINING_FORMATS } from '../../../core/mining/training-rows.js';
import { cacheFolder } from '../../../engine/files/cache-folder.js';
import { documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

/** The Python in which `make test` installs the libraries that must read our files. */
const PYTHON = join(cacheFolder(), 'venv-interop', 'bin', 'python');
const FIND = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("datasets") is None)';
const isInstalled = spawnSync(PYTHON, ['-c', FIND]).status === 0;
const SCRIPT = fileURLToPath(new URL('read_triplets.py', import.meta.url));
const KINDS = ['parquet', 'jsonl', 'lineage', 'flagembedding', 'tevatron'];

type Seen = Record<
  string,
  Record<string, { features: Record<string, string>; rows: Record<string, unknown>[] }>
>;

/**
 * The columns that the losses and trainers of sentence-transformers read: the label or the scores
 * last, and texts before.
 */
const COLUMNS = {
  triplet: ['anchor', 'positive', 'negative'],
  'n-tuple': ['anchor', 'positive', 'negative_1', 'negative_2'],
  'labeled-pair': ['anchor', 'document'],
  'labeled-list': ['anchor', 'documents'],
} as const;

/** Returns what Python reads in each of the folders. */
function read(folders: readonly string[]): Record<string, Seen> {
  const environment = { ...process.env, HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1' };
  const output = execFileSync(PYTHON, [SCRIPT, KINDS.join(','), ...folders], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output.toString()) as Record<string, Seen>;
}

const cases = TRAINING_FORMATS.flatMap((format) => [false, true].map((scores) => ({ format, scores })));

describe.skipIf(!isInstalled)('datasets (where `make test` installed it)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vectormill-datasets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The result of each case. */
  const mined: { lines: Record<'train' | 'dev', Record<string, unknown>[]>; seen: Seen }[] = [];
  beforeAll(async () => {
    await versionOf(documents(60), {}, folder);
    const pairs = writePairs(folder, pairsOf(30));
    const places: Awaited<ReturnType<typeof mineBelow>>[] = [];
    for (const { format, scores } of cases)
      places.push(
        await mineBelow(folder, {
          name: `${format}-${scores ? 'scores' : 'plain'}`,
          pairs,
          format,
          scores,
          exports: ['flagembedding', 'tevatron'],
          split: { dev_share: 0.4, seed: 2 },
          mining: { num_negatives: 2, near_duplicate: 'off' },
        }),
      );
    const seen = read(places.map((place) => place.folder));
    for (const { folder: place, rows } of places) {
      const lines = { train: rows('jsonl', 'train'), dev: rows('jsonl', 'dev') };
      mined.push({ lines, seen: seen[place]! });
    }
  });

  it.each(cases.map((each, index) => ({ ...each, index })))(
    'loads every folder of $format with scores $scores without conversion, and finds both splits',
    ({ format, index }) => {
      const { lines: linesOf, seen } = mined[index]!;
      for (const kind of KINDS) {
        expect(Object.keys(seen[kind]!).sort(), kind).toEqual(['train', 'validation']);
        expect(seen[kind]!.train!.rows.length, kind).toBeGreaterThan(0);
      }
      for (const [split, name] of [
        ['train', 'train'],
        ['dev', 'validation'],
      ] as const) {
        const { features, rows: table } = seen.parquet![name]!;
        const lines = linesOf[split];
        expect(Object.keys(features).slice(0, COLUMNS[format].length)).toEqual(COLUMNS[format]);
        expect(table.map(textsOf)).toEqual(lines.map(textsOf));
        expect(seen.jsonl![name]!.rows).toEqual(lines);
        expect(seen.lineage![name]!.rows).toHaveLength(lines.length);
      }
    },
  );

  it('reads the columns that FlagEmbedding and Tevatron train on, with their names and types', () => {
    const scored = cases.findIndex(({ format, scores }) => format === 'triplet' && scores);
    const { flagembedding, tevatron } = mined[scored]!.seen;
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
  });
});

/** The columns without scores, which are float32 in Parquet. */
function textsOf(row: Record<string, unknown>): unknown {
  const { scores: _scores, score: _score, ...texts } = row;
  return texts;
}
