import { expect, it } from 'vitest';
import type { JobRecord } from '../../core/job-spec.js';
import type { ModelSignature } from '../../core/model-signature.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { crossEncoderCache, embedderCache } from '../../workers/model-cache.js';
import { testEmbedder, testSignature } from '../support/test-embedder.js';
import { testJob } from '../support/test-job.js';

/** Returns a cache over test models, and the names of the models that were opened and closed. */
function someCache(capacity: number) {
  const opened: string[] = [];
  const closed: string[] = [];
  const cache = embedderCache(async ({ signature }) => {
    opened.push(signature.name);
    return { ...testEmbedder(signature), close: async () => void closed.push(signature.name) };
  }, capacity);
  return { cache, opened, closed };
}

const jobOf = (name: string): JobRecord => testJob('/corpora/test', {}, signatureOf(name));
const signatureOf = (name: string): ModelSignature => ({ ...testSignature, name, weightsSha256: name });
const nothing = async (_: Embedder) => {};

it('a model is opened once for all its users, and the one used longest ago is closed first', async () => {
  const { cache, opened, closed } = someCache(2);
  await Promise.all([cache.use(jobOf('a'), nothing), cache.use(jobOf('a'), nothing)]);
  await cache.use(jobOf('b'), nothing);
  await cache.use(jobOf('a'), nothing);
  await cache.use(jobOf('c'), nothing);
  expect(opened).toEqual(['a', 'b', 'c']);
  expect(closed).toEqual(['b']);
  await cache.close();
  expect(closed.sort()).toEqual(['a', 'b', 'c']);
});

it('a model in use is not closed, however many others are opened', async () => {
  const { cache, closed } = someCache(1);
  await cache.use(jobOf('a'), async () => {
    for (const name of ['b', 'c', 'd']) await cache.use(jobOf(name), nothing);
    expect(closed).not.toContain('a');
  });
});

it("a machine whose folder is another model than the job's is refused as two vector spaces, each time", async () => {
  const closed: string[] = [];
  const other = { ...testEmbedder(signatureOf('other')), close: async () => void closed.push('other') };
  const cache = embedderCache(async () => other, 1);
  for (const _ of [1, 2]) {
    await expect(cache.use(jobOf('mine'), nothing)).rejects.toMatchObject({
      code: 'FINGERPRINT_MISMATCH',
      message: expect.stringMatching(/two vector spaces.*mine.*other/),
    });
  }
  expect(closed).toEqual(['other', 'other']);
});

it("a machine whose folder is another cross-encoder than the job's is refused, and closes it", async () => {
  const closed: string[] = [];
  const cache = crossEncoderCache(async ({ model }) => {
    const close = async () => void closed.push(model);
    return { fingerprint: 'another', close } as Partial<CrossEncoder> as CrossEncoder;
  }, 1);
  await expect(cache.use({ model: 'minilm', fingerprint: 'planned' }, async () => {})).rejects.toMatchObject({
    code: 'FINGERPRINT_MISMATCH',
    message: expect.stringMatching(/minilm was planned .*, and is another on this worker/),
  });
  expect(closed).toEqual(['minilm']);
});
