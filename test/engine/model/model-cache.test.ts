import { describe, expect, it } from 'vitest';
import { VectormillError } from '../../../core/errors.js';
import { ModelCache, tokenizerCache } from '../../../engine/model/model-cache.js';
import type { Tokenizer } from '../../../engine/tokenizer/tokenizer.js';
import { testJob } from '../../support/test-job.js';

const planned = (fingerprint: string) => ({ fingerprint });
const nothing = async () => {};

/** Returns a cache of models, and the names of those that were opened and closed. */
function someCache(capacity: number) {
  const opened: string[] = [];
  const closed: string[] = [];
  const cache = new ModelCache(
    async ({ fingerprint }: { fingerprint: string }) => {
      opened.push(fingerprint);
      return { fingerprint, close: async () => void closed.push(fingerprint) };
    },
    () => new VectormillError('FINGERPRINT_MISMATCH', 'another', { component: 'model', remedy: 'None.' }),
    capacity,
  );
  return { cache, opened, closed };
}

describe('a cache of models', () => {
  it('opens a model once for all its users, and closes the one first that was used longest ago', async () => {
    const { cache, opened, closed } = someCache(2);
    await Promise.all([cache.use(planned('a'), nothing), cache.use(planned('a'), nothing)]);
    await cache.use(planned('b'), nothing);
    await cache.use(planned('a'), nothing);
    await cache.use(planned('c'), nothing);
    expect(opened).toEqual(['a', 'b', 'c']);
    expect(closed).toEqual(['b']);
    await cache.close();
    expect(closed.sort()).toEqual(['a', 'b', 'c']);
  });

  it('does not close a model in use, however many others are opened', async () => {
    const { cache, closed } = someCache(1);
    await cache.use(planned('a'), async () => {
      for (const name of ['b', 'c', 'd']) await cache.use(planned(name), nothing);
      expect(closed).not.toContain('a');
    });
  });

  it('closes although a model cannot be opened', async () => {
    const failing = new ModelCache<{ fingerprint: string }, never>(
      () => Promise.reject(new Error('no model')),
      () => new VectormillError('FINGERPRINT_MISMATCH', 'another', { component: 'model', remedy: 'None.' }),
      1,
    );
    const use = failing.use(planned('a'), nothing);
    await failing.close();
    await expect(use).rejects.toThrow('no model');
  });
});

it('a tokenizer is loaded once, and again after it could not be loaded', async () => {
  const job = testJob('/corpora/test');
  let loads = 0;
  const tokenizerOf = tokenizerCache(async () => {
    loads += 1;
    if (loads === 1) throw new Error('no file');
    return {} as Tokenizer;
  });
  await expect(tokenizerOf(job)).rejects.toThrow('no file');
  expect(await tokenizerOf(job)).toBe(await tokenizerOf(job));
  expect(loads).toBe(2);
});
