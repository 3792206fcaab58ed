import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow } from '../../cli/command-line.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { type CorpusLine, documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

/** Returns the error with which mining fails. It may not have written anything. */
async function refusalOf(folder: string, job: Record<string, unknown>, more = {}): Promise<unknown> {
  const before = await filesBelow(folder);
  const error = await mineBelow(folder, job, more).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(await filesBelow(folder)).toEqual(before);
  return error;
}

/** Changes one byte of the first Parquet file in a folder. */
function damage(folder: string): void {
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.parquet'))!);
  const bytes = readFileSync(file);
  bytes[200]! ^= 1;
  writeFileSync(file, bytes);
}

describe('mining is refused before anything is written', () => {
  const KNOWN = { query: 'q', positive: 'doc-0' };

  it.each([
    ['over too many unknown documents', [KNOWN, { query: 'r', positive: 'no' }], {}, 'INPUT_UNSUPPORTED'],
    [
      'where no query has a positive',
      [{ query: 'q', positive: 'no' }],
      { limits: { unknown_share: 1 } },
      'INPUT_EMPTY',
    ],
    ['where there are no pairs', [], {}, 'INPUT_EMPTY'],
    ['for more candidates than there are chunks', [KNOWN], { mining: { range_max: 50 } }, 'JOB_INVALID'],
    ['for more negatives than there are chunks', [KNOWN], { mining: { num_negatives: 50 } }, 'JOB_INVALID'],
    ['for a pair without a positive', [{ query: 'q' }], {}, 'INPUT_DAMAGED'],
    ['for an index that is not there', [KNOWN], { candidates: { index: 'main' } }, 'INDEX_NOT_FOUND'],
  ] as const)('%s', async (_, pairs, more, code) => {
    const folder = await versionOf(documents(20));
    const uri = writePairs(folder, pairs);
    expect(await refusalOf(folder, { pairs: uri, ...more })).toMatchObject({ code });
  });

  it('for a version without chunks', async () => {
    const folder = await versionOf([{ _id: 'bare', text: '' }], { limits: { reject_share: 1 } });
    expect(await refusalOf(folder, {})).toMatchObject({ code: 'INPUT_EMPTY' });
  });

  it('for a query model of another fingerprint', async () => {
    const folder = await versionOf(documents(20));
    const embedder = testEmbedder({ ...testEmbedder().signature, maxTokens: 16 });
    const pairs = writePairs(folder, pairsOf(2));
    expect(await refusalOf(folder, { pairs }, { embedder })).toMatchObject({ code: 'FINGERPRINT_MISMATCH' });
  });

  it('for a vector file that is not the listed one', async () => {
    const folder = await versionOf(documents(20));
    damage(join(folder, 'out/test/versions/v1/vectors/00000000'));
    const pairs = writePairs(folder, pairsOf(2));
    expect(await refusalOf(folder, { pairs })).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });

  it('with the lines of the first unknown documents, and without their texts', async () => {
    const folder = await versionOf(documents(20));
    const unknown = ['a secret', 'another'].map((positive) => ({ query: positive, positive }));
    const pairs = writePairs(folder, [KNOWN, ...unknown]);
    const error = (await refusalOf(folder, { pairs })) as Error & { file: string };
    expect(error.message).toContain('2 of 3 pairs');
    expect(error.message).toContain('line 2, line 3');
    expect(error.message).not.toContain('secret');
    expect(error.file).toBe(`file://${join(folder, 'pairs.jsonl')}`);
  });
});

describe('mining that finds damage later', () => {
  it('stops at a vector file that has changed since the plan, and commits nothing', async () => {
    const folder = await versionOf(documents(20));
    const pairs = writePairs(folder, pairsOf(2));
    const embedder = {
      ...testEmbedder(),
      embed: async (...call: Parameters<ReturnType<typeof testEmbedder>['embed']>) => {
        damage(join(folder, 'out/test/versions/v1/vectors/00000000'));
        return testEmbedder().embed(...call);
      },
    };
    await expect(mineBelow(folder, { pairs }, { embedder })).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
    });
    const place = join(folder, 'out/test/versions/v1/triplets/triplets');
    expect(readdirSync(place).sort()).toEqual(['job.json', 'plan.json', 'queries', 'sides.bin']);
  });

  it('continues with an undamaged copy', async () => {
    const folder = await versionOf(documents(20));
    const pairs = writePairs(folder, pairsOf(2));
    const chunks = join(folder, 'out/test/versions/v1/chunks/00000000');
    damage(chunks);
    await expect(mineBelow(folder, { pairs })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    damage(chunks);
    expect((await mineBelow(folder, { pairs })).report.totals.queries).toBe(2);
  });

  it('accepts a version with an empty shard', async () => {
    const lines: CorpusLine[] = documents(20);
    const folder = await versionOf(lines);
    const whole = (await mineBelow(folder, { pairs: writePairs(folder, pairsOf(5)) })).rows('jsonl');
    rmSync(folder, { recursive: true });
    // Each blank text is rejected; together they fill a shard of 2,000 bytes.
    const blank = Array.from({ length: 120 }, (_, index) => ({ _id: `blank-${index}`, text: ' ' }));
    const other = await versionOf([...lines, ...blank], { limits: { reject_share: 1 } });
    const mined = await mineBelow(other, { pairs: writePairs(other, pairsOf(5)) });
    expect(mined.rows('jsonl')).toEqual(whole);
  });
});
