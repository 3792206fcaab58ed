import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../../../engine/concurrency/map-concurrently.js';
import { openIndex } from '../../../../engine/index/open-index.js';
import { denseStage } from '../../../../engine/search/dense-stage.js';
import { exactRows } from '../../../../engine/search/exact-rows.js';
import { openStore } from '../../../../engine/store/open-store.js';
import { type ReadableVersion, resolveVersion } from '../../../../engine/version/resolve-version.js';
import { PROJECT } from '../../../../infra/project.js';
import { contentDifferences, contentFaults } from '../../../carry/compare-contents.js';
import { CONTENT_QUERIES } from '../../../carry/every-night.js';
import { contentOf, type VersionContent } from '../../../carry/version-content.js';
import { useTemporaryFolder } from '../../../engine/model/temporary-folder.js';
import { compiledScript, compiledThread } from '../../../support/compiled-script.js';
import { CrashPlan, failingStore } from '../../../support/failing-store.js';
import { runToEnd } from '../../../support/nights-of-a-folder.js';
import { testEmbedder } from '../../../support/test-embedder.js';
import { testJob } from '../../../support/test-job.js';
import { INDEX_POINTS, type KillPoint, VERSION_POINTS } from './kill-points.js';
import type { KilledWrite } from './killing-store.js';
import { type NightsToKill, runNight, writeCorpusOfNight } from './nights-to-kill.js';

const made = useTemporaryFolder();
const cacheBefore = process.env.VECTORMILL_CACHE;
let script: string;
let expected: VersionContent;

beforeAll(async () => {
  process.env.VECTORMILL_CACHE = join(made.path, 'cache');
  script = compiledScript(join(import.meta.dirname, 'night-process.ts'));
  for (const thread of ['index-thread.ts', 'build-thread.ts'])
    compiledThread(join(PROJECT, 'engine', 'index', thread), script);
  for (const night of [1, 2]) {
    writeCorpusOfNight(made.path, night);
    for (const base of [PLAIN, INDEXED]) await runNight(nightsOf('base', base), night, openStore);
  }
  writeCorpusOfNight(made.path, 3);
  const whole = testJob(made.path, { output: './whole', parent: 'none' });
  expected = await contentOf(await runToEnd(whole), CONTENT_QUERIES);
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.VECTORMILL_CACHE;
  else process.env.VECTORMILL_CACHE = cacheBefore;
});

const PLAIN = { hasIndex: false, precision: 'float32' };
const INDEXED = { hasIndex: true, precision: 'float32' };

type Nights = Pick<NightsToKill, 'hasIndex' | 'precision'>;

function nightsOf(name: string, more: Nights): NightsToKill {
  const output = `${name}-${more.precision}${more.hasIndex ? '-indexed' : ''}`;
  return { folder: made.path, output, ...more };
}

let copies = 0;

/** Returns nights of which two are finished. */
function twoNights(more: Nights): NightsToKill {
  copies += 1;
  const nights = nightsOf(`copy-${copies}`, more);
  cpSync(join(made.path, nightsOf('base', more).output), join(made.path, nights.output), { recursive: true });
  return nights;
}

/** Runs the third night in a process. Returns whether it was killed before it came to the end. */
async function killed(nights: NightsToKill, write: KilledWrite): Promise<boolean> {
  const child = spawn(process.execPath, [script, JSON.stringify({ nights, write })], { stdio: 'inherit' });
  const [code, signal] = await once(child, 'close');
  expect([0, 'SIGKILL']).toContain(code ?? signal);
  return signal === 'SIGKILL';
}

/** Expects the version of a night to hold what a full run gives. */
async function isWhole(nights: NightsToKill, version: string): Promise<void> {
  const found = await contentOf(await openVersion(nights, version), CONTENT_QUERIES);
  expect([...contentFaults(found), ...contentDifferences(found, expected)]).toEqual([]);
}

/** Expects the index to follow that of the parent, and to find what comparing all rows finds. */
async function isSearched(nights: NightsToKill, version: string): Promise<void> {
  const opened = await openVersion(nights, version);
  const index = await openIndex(opened, 'main');
  const [older, ...newer] = index.manifest.shards;
  expect(older?.key).toContain('/nightly-20260301T020000Z/index/');
  expect(newer.map(({ key }) => key)).toEqual([expect.stringContaining(`/${version}/index/`)]);
  const search = denseStage(opened, testEmbedder(), index);
  for (const query of ['a 3', 'edited meanwhile', 'e 2']) {
    const { vectors } = await testEmbedder().embed([query], { prompt: 'query' });
    const { nearest } = await search(query, { k: 10 });
    const exact = await exactRows(opened, 'cosine', vectors, { k: 10 });
    expect(nearest.map(({ row }) => row)).toEqual(exact.nearest.map(({ row }) => row));
  }
  await index.close();
}

function openVersion({ output }: NightsToKill, selector: string): Promise<ReadableVersion> {
  return resolveVersion(openStore(join(made.path, output)), { dataset: 'test', selector });
}

/** Kills the night at each point, each time from what two nights have left. */
async function eachGoesOn(
  points: readonly KillPoint[],
  more: Nights,
  goOn: (nights: NightsToKill) => Promise<void>,
): Promise<void> {
  await mapConcurrently(points, 2, async ({ name, key, nth = 1 }) => {
    const nights = twoNights(more);
    expect(await killed(nights, { key: key.source, nth, moment: 'after' })).toBe(true);
    await goOn(nights).catch((error: unknown) => {
      throw new Error(`killed when ${name}`, { cause: error });
    });
  });
}

/** Other tests that write many files can make each process wait. */
const TIMEOUT = 600_000;

describe('a night that carries rows over', { timeout: TIMEOUT }, () => {
  it('writes nothing that is not among the points at which it is killed here', async () => {
    const plan = new CrashPlan(() => false);
    await runNight(twoNights(INDEXED), 3, (root) => failingStore(openStore(root), plan));
    const written = plan.points.flatMap((point) => /^put:before:(test\/.*)$/.exec(point)?.[1] ?? []);
    const points = [...VERSION_POINTS, ...INDEX_POINTS];
    expect(written.filter((key) => !points.some((point) => point.key.test(key)))).toEqual([]);
  });

  it('goes on after it is killed at each of its writes', async () => {
    await eachGoesOn(VERSION_POINTS, PLAIN, async (nights) => {
      const { outcome, version } = await runNight(nights, 3, openStore);
      expect(outcome).toBe('complete');
      await isWhole(nights, version);
    });
  });

  it('goes on with its index, its lineage and its ref', async () => {
    await eachGoesOn(INDEX_POINTS, INDEXED, async (nights) => {
      const { outcome, version } = await runNight(nights, 3, openStore);
      expect(outcome).toBe('complete');
      await isWhole(nights, version);
      await isSearched(nights, version);
    });
  });

  it('comes to its end if each process is killed one write later than the one before', async () => {
    const nights = twoNights(INDEXED);
    let processes = 1;
    while (await killed(nights, { key: '^test/', nth: processes, moment: 'before' })) processes += 1;
    expect(processes).toBeGreaterThan(10);
    const { outcome, version } = await runNight(nights, 3, openStore);
    expect(outcome).toBe('complete');
    await isWhole(nights, version);
    await isSearched(nights, version);
  });

  it('is followed by the next night, and goes on after that one', async () => {
    const points = VERSION_POINTS.filter(
      ({ key, nth }) => key.test('/carry/resolved.json') || (nth && key.test('/vectors/0/part-0.parquet')),
    );
    expect(points).toHaveLength(2);
    await eachGoesOn(points, INDEXED, async (nights) => {
      const next = await runNight(nights, 4, openStore);
      const late = await runNight(nights, 3, openStore);
      expect(next.outcome).toBe('complete');
      for (const { version } of [next, late]) {
        await isWhole(nights, version);
        await isSearched(nights, version);
      }
    });
  });
});
