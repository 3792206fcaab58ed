import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isVectormillError } from '../../core/errors.js';
import { seededRandom } from '../../core/seeded-random.js';
import { openIndex } from '../../engine/index/open-index.js';
import { denseStage } from '../../engine/search/dense-stage.js';
import { listRejects } from '../../engine/steps/list-rejects.js';
import { verifyVersion } from '../../engine/verify/verify-version.js';
import { readLiveChunks, readLiveVectors } from '../../engine/version/live-rows.js';
import { versionOpener } from '../../engine/version/open-version.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { useTemporaryFolder } from '../engine/model/temporary-folder.js';
import type { MemoryStore } from '../support/memory-store.js';
import { testEmbedder } from '../support/test-embedder.js';
import { versionsToDamage } from './versions-to-damage.js';

/** The number of damages for each file; `make torture` tries more. */
const DAMAGES = Number(process.env.VECTORMILL_TEST_DAMAGES ?? 2);
const SEED = Number(process.env.VECTORMILL_TEST_SEED ?? 16);

/** Files whose damage `verify` may miss, because no answer of a version depends on them. */
const MAY_BE_MISSED: readonly (readonly [name: string, key: RegExp])[] = [
  ['a plan: its commits repeat the slices of each shard, and are compared with it', /\/plan\.parquet$/],
  [
    'what a job notes of its own shards, which the lists of the manifest replace',
    /\/(documents|texts)\/\d+\.\w+$/,
  ],
  ['what the scan notes until the shards are cut', /\/scan\/[^/]+\.(ids|documents|rejects\.parquet)$/],
  ['what is carried over, until the manifest lists it', /\/carry\/[^/]+\.(documents|verdicts|rows|parquet)$/],
  ['a page for people, made of the record beside it', /\/report\.txt$/],
];

const made = useTemporaryFolder();
const cacheBefore = process.env.VECTORMILL_CACHE;
let store: MemoryStore;
let names: { first: string; second: string };
let keys: string[];

beforeAll(async () => {
  process.env.VECTORMILL_CACHE = join(made.path, 'cache');
  ({ store, ...names } = await versionsToDamage(made.path));
  keys = [];
  for await (const { key, size } of store.list('')) if (size > 0) keys.push(key);
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = cacheBefore;
});

/** Returns the selector of the version to which a file belongs. A ref belongs to what it names. */
function selectorOf(key: string): string {
  if (key.includes('/refs/')) return 'current';
  return key.includes(`/${names.first}/`) ? names.first : names.second;
}

const open = (selector: string) => resolveVersion(store, { dataset: 'test', selector });

/** Returns what `read` gives, or the code of the error. Any other error fails the test. */
async function orCode<T>(read: () => Promise<T>): Promise<T | { code: string }> {
  try {
    return await read();
  } catch (error) {
    if (isVectormillError(error)) return { code: error.code };
    throw error;
  }
}

async function findsNothing(selector: string): Promise<boolean> {
  const found = await orCode(async () => verifyVersion(await open(selector), testEmbedder()));
  return !('code' in found) && found.differences.length === 0;
}

/** Returns all that readers find in a version: rows, rejects, and the answers of its index. */
async function answersOf(selector: string): Promise<string> {
  rmSync(join(made.path, 'cache', 'indexes'), { recursive: true, force: true });
  const version = await open(selector);
  const answers: unknown[] = [];
  for (const part of version.parts) {
    answers.push(
      (await readLiveChunks(version, part)).map((row) => ({ ...row, rowKey: String(row.rowKey) })),
    );
    const { chunkIds, vectors } = await readLiveVectors(version, part);
    answers.push(chunkIds, Buffer.from(new Float32Array(vectors).buffer).toString('base64'));
  }
  const opened = await versionOpener(() => store)({ ...version.location, output: store.root });
  for await (const { rejects } of listRejects(
    { openStore: () => store },
    opened,
    new AbortController().signal,
  ))
    answers.push(rejects);
  const index = await openIndex(version, 'main');
  const search = denseStage(version, testEmbedder(), index);
  for (const query of ['a 3', 'e 2']) {
    const { nearest } = await search(query, { k: 5 });
    answers.push(nearest.map(({ row, score }) => [String(row), score]));
  }
  await index.close();
  return JSON.stringify(answers);
}

/** Damages a file in a way that the seed decides: a bit is changed, or its end is cut off. */
async function damage(key: string, place: number, isCut: boolean): Promise<() => Promise<unknown>> {
  const whole = Uint8Array.from(await store.get(key));
  const random = seededRandom(SEED, place);
  const bytes = Uint8Array.from(whole);
  const at = Math.floor(random() * whole.length);
  bytes[at]! ^= 1 << Math.floor(random() * 8);
  await store.put(key, isCut ? whole.slice(0, at) : bytes);
  return () => store.put(key, whole);
}

describe('a damaged file of a version', () => {
  it('is found by verify, whichever file it is and wherever the damage is; readers refuse it or need it not', async () => {
    const sound = new Map<string, string>();
    for (const selector of [names.first, names.second, 'current']) {
      expect(await findsNothing(selector)).toBe(true);
      sound.set(selector, await answersOf(selector));
    }
    const missed: string[] = [];
    let place = 0;
    let tried = 0;
    for (const key of keys) {
      if (MAY_BE_MISSED.some(([, pattern]) => pattern.test(key))) continue;
      const selector = selectorOf(key);
      for (let trial = 0; trial < DAMAGES; trial += 1) {
        const mend = await damage(key, place++, trial % 2 === 1);
        if (await findsNothing(selector)) missed.push(`verify: ${key}, damage ${place - 1}`);
        const answers = await orCode(() => answersOf(selector));
        if (typeof answers === 'string' && answers !== sound.get(selector))
          missed.push(`readers: ${key}, damage ${place - 1}`);
        await mend();
        tried += 1;
      }
    }
    expect(missed, `seed ${SEED}`).toEqual([]);
    expect(tried).toBeGreaterThan(70 * DAMAGES);
  });

  it('that verify may miss changes no answer', async () => {
    for (const [name, pattern] of MAY_BE_MISSED) {
      const key = keys.filter((file) => file.includes(names.second)).find((file) => pattern.test(file));
      expect(key, name).toBeDefined();
      const sound = await answersOf(names.second);
      const mend = await damage(key!, 0, false);
      const answers = await orCode(() => answersOf(names.second));
      if (typeof answers === 'string') expect(answers, name).toBe(sound);
      await mend();
    }
  });
});
