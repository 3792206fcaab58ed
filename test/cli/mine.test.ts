import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BEIR_MINING_JOB, FULL_MINING_JOB, SMALL_MINING_JOB } from '../../cli/docs/mining-example.js';
import { parseMiningJob } from '../../engine/job/parse-mining-job.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesBelow, vectormill, vectormillJson } from './command-line.js';
import { tinyDataset } from './tiny-dataset.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LINES = Array.from({ length: 30 }, (_, document) => ({
  _id: `d${document}`,
  title: `Title ${document}`,
  text: Array.from(
    { length: 10 },
    (_, word) => LETTERS[(document * 5 + word * (1 + (document % 7))) % 26],
  ).join(' '),
}));

async function minable(job: string, pairs = 'query,positive\na b c,d1\nx y z,d2\n'): Promise<string> {
  const folder = temporaryFolder();
  await tinyDataset(folder, { lines: LINES });
  writeFileSync(join(folder, 'pairs.csv'), pairs);
  writeFileSync(join(folder, 'mine.yaml'), `dataset: letters\noutput: ./out\n${job}`);
  return folder;
}

describe('vectormill mine', () => {
  it('writes triplets below the version and says where, and a second call reports the same without mining', async () => {
    const folder = await minable('pairs: pairs.csv\nmining: {num_negatives: 2, near_duplicate: off}\n');
    const file = join(folder, 'mine.yaml');
    const { code, json } = await vectormillJson('mine', file);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      triplets: `file://${folder}/out/letters/versions/v1/triplets/triplets`,
      totals: { queries: 2, trainingRows: 4, shortQueries: 0 },
    });
    const files = await filesBelow(folder);
    const again = await vectormill('mine', file);
    expect(again.code).toBe(0);
    expect(again.stdout).toContain('2 queries of 2 pairs, 4 negatives, 4 training rows');
    expect(await filesBelow(folder)).toEqual(files);
  });

  it('prints a report without the text of any document or query', async () => {
    const folder = await minable('pairs: pairs.csv\nmining: {near_duplicate: off}\n');
    const { stdout } = await vectormill('mine', join(folder, 'mine.yaml'));
    expect(stdout).not.toContain('a b c');
    expect(stdout).toContain('scores of negatives');
    const report = readFileSync(join(folder, 'out/letters/versions/v1/triplets/triplets/report.txt'), 'utf8');
    expect(stdout.startsWith(report)).toBe(true);
  });

  it.each([
    ['an unknown key', 'pears: pairs.csv\n', 'JOB_INVALID'],
    ['pairs and judgements at once', 'pairs: pairs.csv\nbeir: {queries: q, qrels: r}\n', 'JOB_INVALID'],
    ['a range without room', 'pairs: pairs.csv\nmining: {range_min: 5, range_max: 6}\n', 'JOB_INVALID'],
    [
      'a preset and its own value',
      'pairs: pairs.csv\nmining: {preset: 95-percent, relative_margin: 0.1}\n',
      'JOB_INVALID',
    ],
    ['positives among triplets', 'pairs: pairs.csv\nmining: {include_positives: true}\n', 'JOB_INVALID'],
    ['a file without an extension', 'pairs: pairs\n', 'JOB_INVALID'],
    ['pairs that are not there', 'pairs: none.csv\n', 'INPUT_NOT_FOUND'],
    ['a column that is not there', 'pairs: {uri: pairs.csv, columns: {query: q}}\n', 'INPUT_UNSUPPORTED'],
    ['a version that is not there', 'version: v9\npairs: pairs.csv\n', 'VERSION_NOT_FOUND'],
    [
      'a cross-encoder that embeds',
      'pairs: pairs.csv\ncross_encoder: {model: ./model, max_cross_score: 1}\n',
      'MODEL_UNSUPPORTED',
    ],
    ['more candidates than chunks', 'pairs: pairs.csv\nmining: {range_max: 31}\n', 'JOB_INVALID'],
  ])('refuses %s, with exit code 2 and nothing written', async (_, job, expected) => {
    const folder = await minable(job);
    const before = await filesBelow(folder);
    const { code, json } = await vectormillJson('mine', join(folder, 'mine.yaml'));
    expect(json.error.code).toBe(expected);
    expect(code).toBe(2);
    expect(await filesBelow(folder)).toEqual(before);
    expect(existsSync(join(folder, 'out/letters/versions/v1/triplets'))).toBe(false);
  });

  it('reads every example of the documentation', () => {
    for (const job of [SMALL_MINING_JOB, FULL_MINING_JOB, BEIR_MINING_JOB])
      expect(parseMiningJob(job, 'mine.yaml').format).toMatch(/triplet|n-tuple/);
    expect(parseMiningJob(BEIR_MINING_JOB, 'mine.yaml').selection.relativeMargin).toBe(0.05);
  });
});
