import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import type { MiningManifest } from '../../../engine/mining/finish-mining.js';
import { openStore } from '../../../engine/store/open-store.js';
import { resolveVersion } from '../../../engine/version/resolve-version.js';
import { editRecord } from '../../support/edit-record.js';
import { documents } from '../../support/test-job.js';
import { build } from '../index/build.js';
import { mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

const REQUEST: IndexRequest = { metric: 'cosine', recallTarget: 0.9, exactBelow: 0, shardRows: 40 };

async function buildBelow(folder: string, name: string, request: IndexRequest = REQUEST): Promise<void> {
  const version = await resolveVersion(openStore(join(folder, 'out')), { dataset: 'test', selector: 'v1' });
  await build(version, name, request);
}

describe('candidates by an index', () => {
  it.each([
    ['graphs of some rows each', REQUEST, {}],
    ['graphs of int8', { ...REQUEST, precision: 'int8' }, {}],
    ['an index that compares with every row', { ...REQUEST, exactBelow: 1000 }, {}],
    [
      'graphs that give no more than they are asked for, over both sides of a split',
      { ...REQUEST, precision: 'float32' },
      { split: { dev_share: 0.2, seed: 1 } },
    ],
  ] as const)('are the rows of exact search: %s', async (_, request, more) => {
    const folder = await versionOf([...documents(150), { _id: 'again', text: 'doc 3 again' }, ...REPEATED]);
    await buildBelow(folder, 'main', request);
    const job = {
      pairs: writePairs(folder, pairsOf(140)),
      scores: true,
      mining: { num_negatives: 8, near_duplicate: 'off' },
      ...more,
    };
    const exact = await mineBelow(folder, { ...job, name: 'exact' });
    const indexed = await mineBelow(folder, { ...job, name: 'indexed', candidates: { index: 'main' } });
    const splits = 'split' in more ? ['train', 'dev'] : ['train'];
    for (const split of splits) {
      const [expected, actual] = [exact, indexed].map(({ rows }) => rows('jsonl', split));
      expect(textsOf(actual!)).toEqual(textsOf(expected!));
      for (const [row, { scores }] of actual!.entries())
        for (const [place, score] of (scores as number[]).entries())
          expect(score).toBeCloseTo((expected![row]!.scores as number[])[place]!, 6);
    }
    expect(exact.report.candidates).toEqual({ by: 'comparison' });
    expect(indexed.report.candidates).toMatchObject({ by: 'index', name: 'main', k: 10 });
  });

  it('are recorded in the manifest, with the hash of the index and the measurements of its gate', async () => {
    const folder = await versionOf(documents(100));
    await buildBelow(folder, 'main');
    const { folder: place, report } = await mineBelow(folder, {
      pairs: writePairs(folder, pairsOf(5)),
      candidates: { index: 'main' },
    });
    const { job } = JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8')) as MiningManifest;
    expect(job.index?.manifestSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(job.index?.recall).toBeGreaterThanOrEqual(0.9);
    expect(report.candidates).toEqual({ by: 'index', ...job.index });
    expect(readFileSync(join(place, 'report.txt'), 'utf8')).toContain('candidates: by the index main');
  });

  it('are another job than candidates by comparison, under the same name', async () => {
    const folder = await versionOf(documents(100));
    await buildBelow(folder, 'main');
    const pairs = writePairs(folder, pairsOf(5));
    await mineBelow(folder, { pairs });
    await expect(mineBelow(folder, { pairs, candidates: { index: 'main' } })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      message: expect.stringContaining('candidateIndex'),
    });
  });

  it('are refused for an index of another metric, and for one of another version', async () => {
    const folder = await versionOf(documents(100));
    await buildBelow(folder, 'euclid', { ...REQUEST, metric: 'l2' });
    const pairs = writePairs(folder, pairsOf(5));
    await expect(mineBelow(folder, { pairs, candidates: { index: 'euclid' } })).rejects.toMatchObject({
      code: 'JOB_INVALID',
    });
    await buildBelow(folder, 'main');
    const path = join(folder, 'out/test/versions/v1/index/main/manifest.json');
    editRecord(path, (manifest) => ({ ...manifest, version: 'v0' }));
    await expect(mineBelow(folder, { pairs, candidates: { index: 'main' } })).rejects.toMatchObject({
      code: 'INDEX_MISMATCH',
    });
  });
});

/** Texts that the version holds already, so that they are not candidates. */
const REPEATED = documents(30).map((line, index) => ({ ...(line as object), _id: `copy-${index}` }));

function textsOf(rows: readonly Record<string, unknown>[]): unknown[] {
  return rows.map(({ anchor, positive, negative }) => [anchor, positive, negative]);
}
