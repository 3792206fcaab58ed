import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../core/seeded-random.js';
import { mapConcurrently } from '../../engine/concurrency/map-concurrently.js';
import type { PutResult } from '../../engine/store/object-store.js';
import { type ProxiedS3, proxiedS3 } from '../support/proxied-s3.js';

const LOST_ANSWERS = 1000;
const SEED = 7;
const AT_ONCE = 8;

/** The true results of a write whose answer is lost. */
const TRUTHS = ['created', 'creation refused', 'swapped', 'swap refused'] as const;

let s3: ProxiedS3;
const lost = new Set<string>();

/** The first request that writes an object is carried out, and its answer is lost. */
beforeAll(async () => {
  s3 = await proxiedS3(({ method, url }) => {
    const isDeciding =
      method === 'PUT' ? !url.includes('partNumber') : method === 'POST' && url.includes('uploadId');
    const [, name] = /(object-\d+)/.exec(url) ?? [];
    if (!isDeciding || !name || lost.has(name)) return undefined;
    lost.add(name);
    return { kind: 'lose-answer' };
  });
});
afterAll(() => s3.close());

test('a write whose answer was lost is recognised as what it was', async () => {
  const wrong: string[] = [];
  await mapConcurrently([...Array(LOST_ANSWERS).keys()], AT_ONCE, async (place) => {
    const random = seededRandom(SEED, place);
    const truth = TRUTHS[Math.floor(random() * TRUTHS.length)]!;
    // Two writers of records of equal length, which only the name of the writer tells apart.
    const [mine, hers] = [randomUUID(), randomUUID()];
    const key = `object-${place}`;
    const isWritten = !truth.endsWith('refused');
    // An upload that is refused before its parts are sent never comes to the request that decides.
    const multipart = isWritten && random() < 0.05;
    let etag = '';
    if (truth !== 'created')
      ({ etag } = (await s3.direct.put(key, Buffer.from('before'))) as { etag: string } & PutResult);
    if (truth === 'swap refused') await s3.direct.put(key, Buffer.from(hers));
    const condition = truth.startsWith('swap') ? { ifMatch: etag } : ({ ifAbsent: true } as const);
    const { outcome } = await s3.store.put(key, Buffer.from(mine), { condition, multipart });
    const found = Buffer.from(await s3.direct.get(key)).toString();
    const isRight = outcome === (isWritten ? 'written' : 'refused') && (found === mine) === isWritten;
    if (!isRight) wrong.push(`${key}: ${truth}, and the store said ${outcome}`);
  });
  expect(wrong, `seed ${SEED}`).toEqual([]);
  expect(lost.size).toBe(LOST_ANSWERS);
});
