import { unlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readShard } from '../../../engine/corpus/read-shard.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { collectRecords, corpusOf, optionsOf, outline, plan, read } from './support.js';

const ROW = '{"_id":"1","text":"a"}\n';

it.each([
  ['a.jsonl', ROW],
  ['a.jsonl.gz', ''],
  ['a.csv', '_id,text\n1,a\n'],
  ['a.md', '# a'],
  ['a.json', '{"data":[]}'],
])('%s that has changed since it was planned is INPUT_CHANGED', async (name, content) => {
  const uri = await corpusOf({ [name]: content || 'stand-in' });
  const shards = await plan({ uri });
  await writeFile(fileURLToPath(`${uri}/${name}`), `${content} `);
  await expect(collectRecords(shards, { uri })).rejects.toMatchObject({
    code: 'INPUT_CHANGED',
    file: `${uri}/${name}`,
  });
});

it('an object that has gone since it was planned is INPUT_CHANGED', async () => {
  const uri = await corpusOf({ 'a.jsonl': ROW });
  const shards = await plan({ uri });
  await unlink(fileURLToPath(`${uri}/a.jsonl`));
  await expect(collectRecords(shards, { uri })).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
});

it('the ordinals of a shard count over its objects, and begin again in the next shard', async () => {
  const uri = await corpusOf({ 'a.jsonl': ROW + ROW, 'b.jsonl': `x\n${ROW}`, 'c.jsonl': ROW });
  const shards = await plan({ uri, shardBytes: 75 });
  const ordinals = await Promise.all(
    shards.map(async (shard) =>
      (await collectRecords([shard], { uri })).map((record) =>
        record.kind === 'document' ? record.ordinal : record.reject.ordinal,
      ),
    ),
  );
  expect(ordinals).toEqual([[0, 1, 2, 3], [0]]);
});

it('reading stops with CANCELLED at the next records once the signal is aborted', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `${index}.txt`);
  const uri = await corpusOf(Object.fromEntries(names.map((name) => [name, name])));
  const [shard, ...others] = await plan({ uri });
  expect([shard!.slices.length, others]).toEqual([50, []]);
  const controller = new AbortController();
  let seen = 0;
  const reading = async () => {
    for await (const records of readShard(shard!, { ...optionsOf({ uri }), signal: controller.signal })) {
      seen += records.length;
      if (seen === 10) controller.abort();
    }
  };
  await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen).toBe(10);
});

it('small objects are requested ahead, a bounded number at once, and read in the order of the plan', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `d${index % 7}/${index}.txt`);
  const uri = await corpusOf(Object.fromEntries(names.map((name) => [name, name])));
  let underWay = 0;
  let most = 0;
  const opener = (root: string): ObjectStore => {
    const store = openStore(root);
    const get: ObjectStore['get'] = async (key, options) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const bytes = await store.get(key, options);
      underWay -= 1;
      return bytes;
    };
    return new Proxy(store, {
      get: (target, name) => (name === 'get' ? get : bound(target, name)),
    });
  };
  expect(outline(await read({ uri, openStore: opener }))).toEqual([...names].sort());
  expect(most).toBe(16);
});

/** The store's own methods use private fields, which a proxy does not have. */
function bound(store: ObjectStore, name: string | symbol): unknown {
  const member: unknown = Reflect.get(store, name, store);
  return typeof member === 'function' ? member.bind(store) : member;
}
