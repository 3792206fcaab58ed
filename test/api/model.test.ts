import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type OpenedModel, openModel } from '../../api/index.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import { writeTinyModel } from '../engine/model/tiny-model.js';

const folder = useTemporaryFolder();
let source: string;

beforeAll(async () => {
  source = join(folder.path, 'model');
  await writeTinyModel(source);
});

test('embeds texts, one vector each, in their order', async () => {
  await using model = await openModel(source);
  const { vectors, dimensions, tokens } = await model.embed(['a b', 'x y z', 'a b']);
  expect([vectors.length, dimensions, tokens]).toEqual([36, 12, 13]);
  expect(vectors.subarray(0, 12)).toEqual(vectors.subarray(24));
  expect((await model.embed([])).vectors).toHaveLength(0);
});

test('takes options, which change the vector space', async () => {
  await using whole = await openModel(source);
  await using model = await openModel(source, { dimensions: 4, maxTokens: 8 });
  expect([model.dimensions, model.maxTokens]).toEqual([4, 8]);
  expect(model.fingerprint).not.toBe(whole.fingerprint);
  expect((await model.embed(['a'], { prompt: 'query' })).vectors).toHaveLength(4);
});

test.each([
  ['there is none', 'nowhere', {}, 'MODEL_NOT_FOUND'],
  ['without a name', '', {}, 'MODEL_NOT_FOUND'],
  ['with more tokens than it reads', undefined, { maxTokens: 1000 }, 'USAGE'],
  ['with more dimensions than it makes', undefined, { dimensions: 13 }, 'USAGE'],
])('a model is refused: %s', async (_, name, options, code) => {
  await expect(openModel(name ?? source, options)).rejects.toMatchObject({ code });
});

test('what is no text is refused with its position, and an aborted signal stops', async () => {
  await using model = await openModel(source);
  await expect(model.embed(['a', 1 as never])).rejects.toMatchObject({ code: 'USAGE', position: 1 });
  await expect(model.embed('a' as never)).rejects.toMatchObject({ code: 'USAGE' });
  const stopped = { signal: AbortSignal.abort() };
  await expect(model.embed(['a'], stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a closed model embeds no more', async () => {
  const model: OpenedModel = await openModel(source);
  await model.close();
  await model.close();
  await expect(model.embed(['a'])).rejects.toMatchObject({ code: 'USAGE' });
});
