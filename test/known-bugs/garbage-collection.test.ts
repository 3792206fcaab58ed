import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { withParent } from '../../core/job-spec.js';
import { refKey, versionLayout } from '../../core/layout.js';
import { DEFAULT_RETENTION } from '../../core/retention/retention-policy.js';
import { seededRandom } from '../../core/seeded-random.js';
import { collect } from '../../engine/retention/collect.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { openStore } from '../../engine/store/open-store.js';
import { storeUnavailable } from '../../engine/store/store-errors.js';
import { findParent } from '../../engine/version/find-parent.js';
import { moveRef } from '../../engine/version/move-ref.js';
import { readRef } from '../../engine/version/read-ref.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { changedStore } from '../support/changed-store.js';
import { MemoryStore } from '../support/memory-store.js';
import { refMove } from '../support/ref-move.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type CorpusLine, documents, testJob, writeCorpus } from '../support/test-job.js';
import { testProcess } from '../support/test-tools.js';
import { expectWhole } from '../support/whole-version.js';

/** Keeps nothing but what a ref names, without a time for readers. */
const STRICT = { ...DEFAULT_RETENTION, keep: 0, ageMs: 0, history: 1, graceMs: 0 };
const MAY_DELETE = { limits: { delete_share: 1 } };

let folder: string;
let store: ObjectStore;
beforeEach(() => {
  folder = temporaryFolder();
  store = new MemoryStore(testJob(folder).spec.output);
});

const gc = (dropped: readonly string[] = []) =>
  collect(
    store,
    'test',
    { policy: STRICT, dropped },
    { signal: new AbortController().signal, onDeleted: () => {} },
  );

/** Makes a version over these objects, and no others; `changes` are those of its store. */
async function night(
  version: string,
  objects: Record<string, readonly CorpusLine[]>,
  changes?: (inner: ObjectStore) => Partial<ObjectStore>,
): Promise<unknown> {
  rmSync(join(folder, 'corpus'), { recursive: true, force: true });
  writeCorpus(folder, objects);
  const plain = testJob(folder, { version, ...MAY_DELETE });
  const job = withParent(plain, await findParent(store, plain));
  const { tools } = testProcess({
    store: (root) => {
      if (root !== job.spec.output) return openStore(root);
      return changes ? changedStore(store, changes(store)) : store;
    },
  });
  return runJobLocally(job, tools, new AbortController().signal).done;
}

const isWhole = (selector: string, ids?: readonly string[]) => expectWhole(store, selector, ids);

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const some = (name: string) => documents(6, 25, name);
const idsOf = (...names: string[]) =>
  names.flatMap((name) => some(name).map((_, place) => `${name}-${place}`));

describe('ClickHouse#112081: what a lost answer to a swap made current is cleaned up', () => {
  test('the version that a ref names is kept, although nobody heard that the ref was moved', async () => {
    await night('v1', { 'a.jsonl': some('a') });
    let isLost = false;
    const run = night('v2', { 'a.jsonl': some('a'), 'b.jsonl': some('b') }, (inner) => ({
      put: async (key, body, options) => {
        const result = await inner.put(key, body, options);
        if (key !== refKey('test', 'current') || isLost) return result;
        isLost = true;
        await gc();
        throw storeUnavailable(key, 'the answer was lost');
      },
    }));
    await run;
    expect(isLost).toBe(true);
    expect(await readRef(store, 'test', 'current')).toMatchObject({ version: 'v2', generation: 2 });
    await gc();
    await isWhole('current', idsOf('a', 'b'));
  });
});

describe('slatedb#1622: a writer that stalled while others collected writes what nobody will read', () => {
  test('a writer whose version was collected hears so, and no ref names it', async () => {
    await night('v1', { 'a.jsonl': some('a') });
    const { manifest, prefix } = versionLayout('test', 'v2');
    const stalled = night('v2', { 'a.jsonl': some('a'), 'b.jsonl': some('b') }, (inner) => ({
      put: async (key, body, options) => {
        if (key === manifest) expect(await gc(['v2'])).toMatchObject({ report: { deleted: ['v2'] } });
        return inner.put(key, body, options);
      },
    }));
    await expect(stalled).rejects.toMatchObject({ code: 'VERSION_RETIRED' });
    await expect(resolveVersion(store, { dataset: 'test', selector: 'v2' })).rejects.toMatchObject({
      code: 'VERSION_NOT_FOUND',
    });
    await isWhole('current', idsOf('a'));
    await gc();
    expect(await keysBelow(`${prefix}/`)).toEqual([]);
  });
});

describe('slatedb#1044: what is in no manifest yet is deleted', () => {
  test('a version that is being written is whole, whenever others collect meanwhile', async () => {
    await night('v1', { 'a.jsonl': some('a'), 'b.jsonl': some('b') });
    await night('v2', { 'a.jsonl': some('a'), 'b.jsonl': some('c') });
    let writes = 0;
    await night('v3', { 'a.jsonl': some('a'), 'd.jsonl': some('d') }, (inner) => ({
      put: async (key, body, options) => {
        writes += 1;
        if (writes % 5 === 0) await gc();
        const result = await inner.put(key, body, options);
        if (writes % 7 === 0) await gc();
        return result;
      },
    }));
    expect(writes).toBeGreaterThan(20);
    await isWhole('v3', idsOf('a', 'd'));
  });
});

describe('iceberg#13568: expiry with several refs deletes files in use', () => {
  const REFS = ['current', 'stable', 'tested'];
  const ROUNDS = 6;

  test('whatever refs name stays whole, in whatever order they were moved', async () => {
    const random = seededRandom(13568, 0);
    const shared = some('a');
    let living = ['v0'];
    await night('v0', { 'a.jsonl': shared, 'b.jsonl': some('b') });
    for (let round = 1; round <= ROUNDS; round += 1) {
      await night(`v${round}`, { 'a.jsonl': shared, 'b.jsonl': documents(6, 20, `b${round}`) });
      living.push(`v${round}`);
      for (const ref of REFS) {
        const version = living[Math.floor(random() * living.length)]!;
        const generation = (await readRef(store, 'test', ref))?.generation ?? 0;
        const writeId = `promote ${round} ${ref}`;
        await moveRef(store, { ...refMove(version, generation), ref, writeId });
      }
      await gc();
      const named = new Set<string>();
      for (const ref of REFS) named.add((await readRef(store, 'test', ref))!.version);
      for (const version of named) await isWhole(version);
      living = [...named];
    }
  });
});

describe('iceberg#17304: a file that is removed and added again is deleted later', () => {
  test('an object that goes and comes back, also under another name, keeps its rows', async () => {
    const kept = { 'a.jsonl': some('a') };
    const courses: [Record<string, readonly CorpusLine[]>, string[]][] = [
      [{ ...kept, 'b.jsonl': some('b') }, ['a', 'b']],
      [{ ...kept, 'b-again.jsonl': some('b') }, ['a', 'b']],
      [{ ...kept }, ['a']],
      [{ ...kept, 'b.jsonl': some('b') }, ['a', 'b']],
      [{ ...kept, 'b.jsonl': some('b'), 'c.jsonl': some('c') }, ['a', 'b', 'c']],
    ];
    for (const [place, [objects, names]] of courses.entries()) {
      await night(`v${place}`, objects);
      await isWhole('current', idsOf(...names));
      await gc();
      await isWhole('current', idsOf(...names));
    }
  });
});

describe('lance#8705: one tag strands data for ever', () => {
  test('versions newer than a tagged one go, and the tagged one goes with its tag', async () => {
    await night('v1', { 'a.jsonl': some('a') });
    await moveRef(store, { ...refMove('v1', 0), ref: 'tag' });
    for (const [place, name] of ['b', 'c', 'd'].entries())
      await night(`v${place + 2}`, { [`${name}.jsonl`]: some(name) });
    expect(await gc()).toMatchObject({ report: { deleted: ['v2', 'v3'] } });
    expect([...(await keysBelow('test/versions/v2/')), ...(await keysBelow('test/versions/v3/'))]).toEqual(
      [],
    );
    await isWhole('tag', idsOf('a'));
    await store.delete(refKey('test', 'tag'));
    expect(await gc()).toMatchObject({ report: { deleted: ['v1'] } });
    expect(await keysBelow('test/versions/v1/')).toEqual([]);
    await isWhole('current', idsOf('d'));
  });
});
