import { expect, it } from 'vitest';
import type { JobRecord } from '../../core/job-spec.js';
import type { ModelSignature } from '../../core/model-signature.js';
import type { CrossEncoder } from '../../engine/model/cross-encoder.js';
import type { Embedder } from '../../engine/model/embedder.js';
import { crossEncoderCache, embedderCache } from '../../workers/planned-models.js';
import { testEmbedder, testSignature } from '../support/test-embedder.js';
import { testJob } from '../support/test-job.js';

const jobOf = (name: string): JobRecord => testJob('/corpora/test', {}, signatureOf(name));
const signatureOf = (name: string): ModelSignature => ({ ...testSignature, name, weightsSha256: name });
const nothing = async (_: Embedder) => {};

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
