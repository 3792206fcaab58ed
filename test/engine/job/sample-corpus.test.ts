import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { planCorpus } from '../../../engine/corpus/plan-corpus.js';
import { sampleCorpus } from '../../../engine/job/sample-corpus.js';
import { openStore } from '../../../engine/store/open-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { testJob } from '../../support/test-job.js';

/** Documents whose texts no compression makes much smaller. */
const texts = (count: number) =>
  Array.from({ length: count }, () => randomBytes(300 + Math.random() * 300).toString('base64'));

async function estimate(files: Record<string, string | Buffer>) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'corpus'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, 'corpus', name), bytes);
  const { input } = testJob(folder).spec;
  const { shards } = await planCorpus(input, { shardBytes: 1 << 20, openStore });
  const places: number[] = [];
  const samples = await sampleCorpus(shards, input, openStore, (done, total) => places.push(done / total));
  expect(places.at(-1)).toBe(1);
  return {
    read: samples.reduce((sum, { documents }) => sum + documents.length, 0),
    documents: samples.reduce((sum, { documents, factor }) => sum + documents.length * factor, 0),
    rejects: samples.reduce((sum, { rejects, factor }) => sum + rejects * factor, 0),
    isWhole: samples.every(({ factor }) => factor === 1),
  };
}

const jsonl = (all: readonly string[]) => all.map((text, id) => `${JSON.stringify({ id, text })}\n`).join('');
const csv = (all: readonly string[]) => `id,text\n${all.map((text, id) => `${id},${text}\n`).join('')}`;

describe('a sample of a corpus', () => {
  test('is the whole of a small one, with rejects and every format counted', async () => {
    const small = texts(50);
    const lines = await estimate({
      'a.jsonl': `${jsonl(small)}no JSON\n`,
      'c.jsonl.gz': gzipSync(jsonl(small)),
    });
    expect(lines).toEqual({ read: 100, documents: 100, rejects: 1, isWhole: true });
    const table = await estimate({ 'b.csv': csv(small) });
    expect(table).toEqual({ read: 50, documents: 50, rejects: 0, isWhole: true });
    expect(await estimate({ 'd.txt': 'a text', 'e.txt': ' ' })).toMatchObject({ documents: 1, rejects: 1 });
  });

  test.each([
    ['lines', (all: string[]) => ({ 'a.jsonl': jsonl(all) })],
    ['a table', (all: string[]) => ({ 'a.csv': csv(all) })],
    ['compressed lines', (all: string[]) => ({ 'a.jsonl.gz': gzipSync(jsonl(all)) })],
    [
      'tables in several objects, compressed or not',
      (all: string[]) => ({
        'a.csv': csv(all.slice(0, 4000)),
        'b.csv': csv(all.slice(4000, 9000)),
        'c.csv.gz': gzipSync(csv(all.slice(9000))),
      }),
    ],
  ])('of a large one of %s is a part of it, and estimates how many documents there are', async (_, files) => {
    const all = texts(16_000);
    const found = await estimate(files(all));
    expect(found.isWhole).toBe(false);
    expect(found.read).toBeLessThan(all.length * 0.8);
    expect(found.documents / all.length).toBeGreaterThan(0.9);
    expect(found.documents / all.length).toBeLessThan(1.1);
  });

  test('of many texts counts the objects', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`${index}.txt`, 'word '.repeat(30_000 + index)]),
    );
    const found = await estimate(files);
    expect(found).toMatchObject({ isWhole: false, documents: 40 });
    expect(found.read).toBeLessThan(40);
  });
});
