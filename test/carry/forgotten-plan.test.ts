import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { type JobRecord, withParent } from '../../core/job-spec.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { findParent } from '../../engine/version/find-parent.js';
import { resolveVersion } from '../../engine/version/resolve-version.js';
import { runJobLocally } from '../../local/run-job.js';
import { CrashPlan, type CrashPoint, failingStore } from '../support/failing-store.js';
import { interruptedStore, StoreInterruption } from '../support/interrupted-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { testJob } from '../support/test-job.js';
import { testProcess } from '../support/test-tools.js';
import { contentDifferences, contentFaults } from './compare-contents.js';
import { type NightsPlace, placeInMemory } from './corpus-nights.js';
import { CONTENT_QUERIES } from './every-night.js';
import { contentOf } from './version-content.js';

/*
 * A job that stops because it would delete much forgets what it has listed. Whatever comes between,
 * the next run makes a version of the corpus as it is then.
 */

let place: NightsPlace;
/** Settings of the second version in which it differs from the first one. */
let settings: Record<string, unknown>;

/** With other chunking, nothing is carried over. */
const OTHER_CHUNKING = { chunking: { max_tokens: 12 } };

beforeEach(async () => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
  await begin();
});

/** Makes a first version in a new place, and deletes some of its documents. */
async function begin(kind: Record<string, unknown> = {}): Promise<void> {
  place = placeInMemory();
  settings = kind;
  await write('a', ['a1', 'a2', 'a3']);
  await write('b', ['b1', 'b2']);
  await run(jobOf('n1'));
  await write('a', ['a1']);
}

async function write(name: string, ids: readonly string[]): Promise<void> {
  const lines = ids.map((id) => `${JSON.stringify({ _id: id, text: `the text of ${id}` })}\n`);
  await place.openStore(`file://${place.folder}`).put(`corpus/${name}.jsonl`, Buffer.from(lines.join('')));
}

function jobOf(version: string, more: Record<string, unknown> = {}): JobRecord {
  const limits = { reject_share: 1, concurrency: 1, delete_share: 0, delete_documents: 0 };
  return testJob(place.folder, { version, limits, ...more });
}

/** Says whether a process dies at a moment, by what it does then and by the moment's number. */
type Dies = (point: CrashPoint, index: number) => boolean;

/** Runs the second version, which deletes documents of the first one, as a new process does. */
async function runSecond(allowDeletes?: number, dies?: Dies): Promise<void> {
  await run(await secondJob(allowDeletes), dies);
}

async function secondJob(allowDeletes?: number): Promise<JobRecord> {
  const job = jobOf('n2', settings);
  const parent = await findParent(place.openStore(job.spec.output), job);
  const { spec } = job;
  const allowed = { ...job, spec: { ...spec, limits: { ...spec.limits, allowDeletes } } };
  return withParent(allowed, parent);
}

/** Runs the second version while something happens before one of its operations on the store. */
async function runInterrupted(interruption: StoreInterruption, allowDeletes?: number): Promise<void> {
  const job = await secondJob(allowDeletes);
  const store = (root: string): ObjectStore => {
    const inner = place.openStore(root);
    return root === job.spec.output ? interruptedStore(inner, interruption) : inner;
  };
  await runJobLocally(job, testProcess({ store }).tools, new AbortController().signal).done;
}

async function run(job: JobRecord, dies: Dies = () => false): Promise<void> {
  const stop = new AbortController();
  const plan = new CrashPlan((point, index) => {
    if (dies(point, index)) stop.abort();
    return stop.signal.aborted;
  });
  const store = (root: string): ObjectStore => {
    const inner = place.openStore(root);
    return root === job.spec.output ? failingStore(inner, plan) : inner;
  };
  await runJobLocally(job, testProcess({ store }).tools, stop.signal).done;
}

/** Makes a version without a parent of the corpus as it is. */
async function runWhole(): Promise<void> {
  await run(jobOf('n2', { ...settings, output: './whole', parent: 'none' }));
}

/** Compares the second version with the one without a parent. */
async function secondIsWhole(): Promise<void> {
  const [found, expected] = await Promise.all(
    ['out', 'whole'].map(async (output) => {
      const store = place.openStore(`file://${join(place.folder, output)}`);
      return contentOf(await resolveVersion(store, { dataset: 'test', selector: 'n2' }), CONTENT_QUERIES);
    }),
  );
  expect([...contentFaults(found!), ...contentDifferences(found!, expected!)]).toEqual([]);
}

test('a job that stopped lists the input again', async () => {
  await expect(runSecond()).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
  await write('a', ['a1', 'a4']);
  await write('c', ['c1']);
  await runSecond(2);
  await runWhole();
  await secondIsWhole();
});

test('a process that dies while it forgets leaves nothing that a later run takes for its own', async () => {
  for (const kind of [{}, OTHER_CHUNKING]) {
    await begin(kind);
    const { points, forgets } = await pointsOfForgetting();
    for (const [index, point] of points.entries())
      if (index >= forgets - 3) await dieAt({ index, isForgotten: index > forgets }, point, kind);
  }
});

async function dieAt(
  { index, isForgotten }: { index: number; isForgotten: boolean },
  point: CrashPoint,
  kind: Record<string, unknown>,
): Promise<void> {
  await begin(kind);
  const isIt: Dies = (reached, at) => at === index && reached === point;
  await expect(runSecond(undefined, isIt)).rejects.toThrow();
  if (isForgotten) {
    await write('a', ['a1', 'a4', 'a5']);
    await write('b', ['b1', 'a4']);
  }
  await runSecond(3);
  await runWhole();
  await secondIsWhole();
}

test('a process whose plan another one forgets begins anew, and ends as it would have alone', async () => {
  for (const kind of [{}, OTHER_CHUNKING])
    for (const allowed of [undefined, 2]) {
      await begin(kind);
      for (const at of await operationsOnPlanned(allowed)) {
        await begin(kind);
        const isOtherOver = () => expect(runSecond()).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
        const both = runInterrupted(new StoreInterruption(at, isOtherOver), allowed);
        if (allowed === undefined) await expect(both).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
        else {
          await both;
          await runWhole();
          await secondIsWhole();
        }
      }
    }
});

const ON_PLANNED = /^(get|put) test\/versions\/n2\/(plan|scan|carry|chunks)/;

/** Returns the numbers of the operations on what follows from the plan, each kind of them once. */
async function operationsOnPlanned(allowed: number | undefined): Promise<number[]> {
  const alone = new StoreInterruption(-1, async () => {});
  await runInterrupted(alone, allowed).catch(() => {});
  const { operations } = alone;
  const found = [...operations.keys()].filter(
    (at) => ON_PLANNED.test(operations[at]!) && operations.indexOf(operations[at]!) === at,
  );
  expect(found.length).toBeGreaterThan(2);
  return found;
}

test('what a process writes late by a plan that was forgotten, no other process takes for its own', async () => {
  for (const kind of [{}, OTHER_CHUNKING]) {
    await begin(kind);
    const writes = await operationsOfSecond(LATE_WRITE, () => Promise.resolve());
    await begin(kind);
    const [scans] = await operationsOfSecond(SCAN, forgotten);
    for (const at of writes) {
      await begin(kind);
      let last: Promise<void> | undefined;
      const late = new StoreInterruption(at, async () => {
        await forgotten();
        await new Promise<void>((planned) => {
          // It has planned, and goes on after the late write.
          const between = new StoreInterruption(scans!, async () => {
            planned();
            await setImmediate();
            await setImmediate();
          });
          last = runInterrupted(between, 3);
        });
      });
      const [first] = await Promise.allSettled([runInterrupted(late, 3)]);
      if (first!.status === 'rejected') expect(first.reason).toMatchObject({ code: 'INPUT_CHANGED' });
      await last;
      await runWhole();
      await secondIsWhole();
    }
  }
});

const LATE_WRITE = /^put test\/versions\/n2\/(scan|carry|rejects\/carried)/;
const SCAN = /^\w+ test\/versions\/n2\/(again-1\/)?scan/;

/** Another run would delete too much, and forgets its plan. The corpus is then another. */
async function forgotten(): Promise<void> {
  await expect(runSecond()).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
  await write('a', ['a1', 'a4', 'a5']);
  await write('b', ['b1', 'a4', 'a1']);
}

/** Returns the numbers of the operations of the second version's run that match. */
async function operationsOfSecond(matching: RegExp, before: () => Promise<void>): Promise<number[]> {
  await before();
  const alone = new StoreInterruption(-1, async () => {});
  await runInterrupted(alone, 3);
  const found = [...alone.operations.keys()].filter((at) => matching.test(alone.operations[at]!));
  expect(found.length).toBeGreaterThan(0);
  return found;
}

test('a job that has cut something does not forget its plan', async () => {
  const isCut = (point: CrashPoint) => point.startsWith('put:after:test/versions/n2/commits');
  await expect(runSecond(2, isCut)).rejects.toThrow();
  await expect(runSecond()).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
  await runWhole();
  await write('a', ['a1', 'a4', 'a5']);
  await runSecond(2);
  await secondIsWhole();
});

/**
 * Returns the moments of a job that stops and forgets its plan, and the number of the one right
 * before it is forgotten.
 */
async function pointsOfForgetting(): Promise<{ points: CrashPoint[]; forgets: number }> {
  const points: CrashPoint[] = [];
  const note = (point: CrashPoint) => {
    points.push(point);
    return false;
  };
  await expect(runSecond(undefined, note)).rejects.toMatchObject({ code: 'DELETES_EXCEEDED' });
  const forgets = points.lastIndexOf('put:before:test/versions/n2/plan.parquet');
  expect(points.slice(forgets)).toHaveLength(2);
  return { points, forgets };
}
