import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listObjects } from '../../../engine/corpus/list-objects.js';
import { planCorpus } from '../../../engine/corpus/plan-corpus.js';
import { openStore } from '../../../engine/store/open-store.js';
import { corpusOf, documentsIn, inputOf, outline, read } from './support.js';

function list(uri: string, globs: { include?: string[]; exclude?: string[] } = {}) {
  return listObjects({ uri, include: globs.include ?? [], exclude: globs.exclude ?? [], openStore });
}

async function ignoredOf(uri: string, include: string[] = []) {
  const planned = await planCorpus(inputOf({ uri, include }), { shardBytes: 1e6, openStore });
  return planned.ignored;
}

it('a prefix stands for every object below it; hidden objects, markers and empty objects are counted but left out', async () => {
  const uri = await corpusOf({
    'a.md': 'a',
    'b/c.md': 'c',
    'b/_index.md': 'kept',
    _SUCCESS: 'x',
    'b/_committed_123': 'x',
    '.git/config.md': 'x',
    'b/.DS_Store': 'x',
    'empty.md': '',
  });
  const listing = await list(uri);
  expect(listing.single).toBe(false);
  expect(listing.objects.map(({ path }) => path)).toEqual(['a.md', 'b/_index.md', 'b/c.md']);
  expect(listing.objects[0]).toMatchObject({ uri: `${uri}/a.md`, bytes: 1 });
  expect(listing.ignored).toEqual({ excluded: 0, hidden: 4, empty: 1 });
});

it('include and exclude are globs over paths below the URI', async () => {
  const uri = await corpusOf({ 'a.md': 'a', 'x/b.md': 'b', 'x/y/c.md': 'c', 'x/y/d.txt': 'd' });
  const paths = async (include: string[], exclude: string[]) =>
    (await list(uri, { include, exclude })).objects.map(({ path }) => path);
  expect(await paths(['*.md'], [])).toEqual(['a.md']);
  expect(await paths(['**/*.md'], ['x/y/**'])).toEqual(['a.md', 'x/b.md']);
  expect(await paths(['x/**/*.{md,txt}'], ['**/c.*'])).toEqual(['x/b.md', 'x/y/d.txt']);
});

it('a URI of an object names only that object, hidden or not, and not others whose names begin alike', async () => {
  const uri = await corpusOf({
    '.a.jsonl': '{"_id":"1","text":"a"}',
    'b.md': 'b',
    'b.md2': 'x',
    'c/d.md': 'd',
    'cc/d.md': 'd',
  });
  expect(outline(await read({ uri: `${uri}/.a.jsonl` }))).toEqual(['1']);
  expect(outline(await read({ uri: `${uri}/b.md` }))).toEqual(['b.md']);
  expect(outline(await read({ uri: `${uri}/c` }))).toEqual(['d.md']);
});

it('an input without objects is INPUT_NOT_FOUND, and one whose objects are all left out is INPUT_EMPTY', async () => {
  const uri = await corpusOf({ 'a.md': '', 'b/.c.md': 'x' });
  await expect(list(`${uri}/no`)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND', file: `${uri}/no` });
  await expect(list(uri)).rejects.toMatchObject({ code: 'INPUT_EMPTY', file: uri });
  await expect(list(`${uri}/a.md`)).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
  await expect(list(uri, { include: ['*.txt'] })).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
});

it('auto leaves out objects whose extension says nothing, and refuses an input that has no others', async () => {
  const uri = await corpusOf({ 'a.md': 'a', 'logo.png': 'x', LICENSE: 'x', 'sub/data.bin': 'x' });
  expect(outline(await read({ uri }))).toEqual(['a.md']);
  expect((await ignoredOf(uri)).otherFormat).toBe(3);
  await expect(read({ uri: `${uri}/sub` })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    remedy: expect.stringContaining('input.format'),
  });
});

it('auto refuses several formats and names one object of each', async () => {
  const uri = await corpusOf({ 'a.md': 'a', 'b.jsonl': '{"_id":"1","text":"a"}' });
  await expect(read({ uri })).rejects.toMatchObject({
    code: 'INPUT_UNSUPPORTED',
    message: expect.stringMatching(/text \(a\.md\), jsonl \(b\.jsonl\)/),
    remedy: expect.stringContaining('input.include'),
  });
  expect(outline(await read({ uri, include: ['*.jsonl'] }))).toEqual(['1']);
  expect(outline(await read({ uri, format: 'text' }))).toEqual(['a.md']);
});

it('a set format applies to a single object, to included objects, and otherwise to those with a fitting extension', async () => {
  const row = '{"_id":"1","text":"a"}';
  const uri = await corpusOf({ 'a.log': row, 'b.txt': row, 'c.jsonl': row, 'd.csv': 'x' });
  expect(await read({ uri, format: 'jsonl' })).toHaveLength(2);
  expect(await read({ uri, format: 'jsonl', include: ['*.log'] })).toHaveLength(1);
  expect(await read({ uri: `${uri}/a.log`, format: 'jsonl' })).toHaveLength(1);
  await expect(read({ uri, format: 'parquet' })).rejects.toMatchObject({ code: 'INPUT_UNSUPPORTED' });
});

it('a BEIR folder is its corpus.jsonl', async () => {
  const row = '{"_id":"1","text":"a"}\n';
  const uri = await corpusOf({
    'corpus.jsonl': row,
    'queries.jsonl': row,
    'qrels/test.tsv': 'query-id\tcorpus-id\tscore\n',
    'README.md': 'about',
  });
  expect(outline(await read({ uri }))).toEqual(['1']);
  expect((await ignoredOf(uri)).otherFormat).toBe(3);
  expect(await read({ uri, include: ['*.jsonl'] })).toHaveLength(2);
});

const scifact = new URL('../../../../shared/data/scifact/', import.meta.url);

describe.skipIf(!existsSync(scifact))('SciFact', () => {
  it('has 5,183 documents, in one shard and in many', async () => {
    const uri = `file://${fileURLToPath(scifact)}`;
    const whole = documentsIn(await read({ uri }));
    expect(whole).toHaveLength(5183);
    expect(new Set(whole.map(({ id }) => id)).size).toBe(5183);
    expect(documentsIn(await read({ uri, shardBytes: 300_000 }))).toEqual(whole);
  });
});
