import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MiningRecord } from '../../../core/mining/mining-spec.js';
import type { Embedder } from '../../../engine/model/embedder.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { filesBelow } from '../../cli/command-line.js';
import { editRecord } from '../../support/edit-record.js';
import { CrashPlan, type CrashPoint, failingStore, SimulatedCrash } from '../../support/failing-store.js';
import { testEmbedder } from '../../support/test-embedder.js';
import { documents } from '../../support/test-job.js';
import { mineBelow, pairsOf, versionOf, writePairs } from './mining-support.js';

const JOB = { split: { dev_share: 0.4, seed: 3 }, mining: { num_negatives: 1, near_duplicate: 'off' } };

/** Returns the files of the triplets, with paths relative to their folder. */
async function tripletsOf(place: string): Promise<Record<string, string>> {
  const files = await filesBelow(place);
  return Object.fromEntries(Object.entries(files).map(([path, hash]) => [path.slice(place.length), hash]));
}

const PLACE = 'out/test/versions/v1/triplets/triplets';

describe('mining that was stopped', () => {
  it('before or after any write or removal ends with the same files as without a stop', async () => {
    const folder = await versionOf(documents(30));
    const pairs = writePairs(folder, [...pairsOf(10), { query: 'lost', positive: 'nowhere' }]);
    const job = { ...JOB, pairs, limits: { unknown_share: 0.5 } };
    const start = join(folder, 'start');
    cpSync(join(folder, 'out'), start, { recursive: true });
    const mineUntil = (dies: (point: CrashPoint, index: number) => boolean) => {
      const plan = new CrashPlan(dies);
      const run = mineBelow(folder, job, { store: (root) => failingStore(openStore(root), plan) });
      return { plan, run };
    };
    const undisturbed = mineUntil(() => false);
    await undisturbed.run;
    const whole = await tripletsOf(join(folder, PLACE));
    const moments = undisturbed.plan.points.filter((point) => /^(put|delete)/.test(point));
    const ofTriplets = moments.filter((point) => point.includes('/triplets/'));
    expect(ofTriplets.length).toBeGreaterThan(40);
    for (const moment of ofTriplets) {
      rmSync(join(folder, 'out'), { recursive: true });
      cpSync(start, join(folder, 'out'), { recursive: true });
      await expect(mineUntil((point) => point === moment).run, moment).rejects.toBeInstanceOf(SimulatedCrash);
      await mineBelow(folder, job);
      expect(await tripletsOf(join(folder, PLACE)), moment).toEqual(whole);
    }
  }, 300_000);

  it('embeds nothing twice and reads no vector twice once the candidates exist', async () => {
    const folder = await versionOf(documents(40));
    const job = { ...JOB, pairs: writePairs(folder, pairsOf(12)) };
    const plan = new CrashPlan((point) => point.startsWith('put:before') && point.includes('/parquet/'));
    const failing = mineBelow(folder, job, { store: (root) => failingStore(openStore(root), plan) });
    await expect(failing).rejects.toBeInstanceOf(SimulatedCrash);
    rmSync(join(folder, 'out/test/versions/v1/vectors'), { recursive: true });
    const never: Embedder = {
      ...testEmbedder(),
      embed: async () => {
        throw new Error('embedded again');
      },
    };
    expect((await mineBelow(folder, job, { embedder: never })).report.totals.queries).toBe(12);
  });

  it('is refused to a job with other values under the same name, but is the same job with another limit', async () => {
    const folder = await versionOf(documents(20));
    const pairs = writePairs(folder, pairsOf(12));
    const { report } = await mineBelow(folder, { pairs });
    await expect(mineBelow(folder, { pairs, mining: { num_negatives: 2 } })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
      message: expect.stringMatching(/for: selection$/),
    });
    const again = await mineBelow(folder, { pairs, limits: { unknown_share: 0.2 } });
    expect(again.report).toEqual(report);
  });

  it('is the same job if a release without candidates by an index began it', async () => {
    const folder = await versionOf(documents(20));
    const pairs = writePairs(folder, pairsOf(12));
    const { folder: place, report } = await mineBelow(folder, { pairs });
    editRecord(join(place, 'job.json'), ({ index: _, ...record }: MiningRecord) => record);
    expect((await mineBelow(folder, { pairs })).report).toEqual(report);
  });

  it('of another edition is refused where work is left, and read where none is', async () => {
    const folder = await versionOf(documents(20));
    const job = { pairs: writePairs(folder, pairsOf(12)) };
    const ofFirstEdition = () => {
      editRecord(join(folder, PLACE, 'job.json'), ({ edition: _, ...record }: MiningRecord) => record);
    };
    const plan = new CrashPlan((point) => point.startsWith('put:before') && point.includes('/parquet/'));
    const failing = mineBelow(folder, job, { store: (root) => failingStore(openStore(root), plan) });
    await expect(failing).rejects.toBeInstanceOf(SimulatedCrash);
    const begun = readFileSync(join(folder, PLACE, 'job.json'), 'utf8');
    ofFirstEdition();
    const left = await tripletsOf(join(folder, PLACE));
    await expect(mineBelow(folder, job)).rejects.toMatchObject({
      code: 'EDITION_MISMATCH',
      message: expect.stringMatching(/mining edition 1 instead of 2/),
    });
    expect(await tripletsOf(join(folder, PLACE))).toEqual(left);
    writeFileSync(join(folder, PLACE, 'job.json'), begun);
    const { report } = await mineBelow(folder, job);
    ofFirstEdition();
    expect((await mineBelow(folder, job)).report).toEqual(report);
  });
});

describe('the checkpoints', () => {
  it('are gone once the manifest exists, and mining again finds the work done without them', async () => {
    const folder = await versionOf(documents(40));
    const job = { pairs: writePairs(folder, pairsOf(12)), mining: { near_duplicate: 'off' } };
    const { folder: place, report } = await mineBelow(folder, job);
    const whole = await filesBelow(place);
    expect(Object.keys(whole).map((path) => path.slice(place.length))).toEqual(
      expect.arrayContaining(['/manifest.json', '/parquet/train-00000000.parquet']),
    );
    expect(Object.keys(whole).join()).not.toMatch(/queries|candidates|cross-scores|sides/);
    expect((await mineBelow(folder, job)).report).toEqual(report);
    expect(await filesBelow(place)).toEqual(whole);
  });

  it('may be gone if another process was faster, and the slower one then finds the work done', async () => {
    const folder = await versionOf(documents(40));
    const job = { pairs: writePairs(folder, pairsOf(12)), mining: { near_duplicate: 'off' } };
    let overtaking: Promise<unknown> | undefined;
    const overtaken = (root: string): ObjectStore => {
      const store = openStore(root);
      return new Proxy(store, {
        get: (_, name: keyof ObjectStore) =>
          name === 'get'
            ? async (key: string) => {
                if (key.includes('/candidates/')) overtaking ??= mineBelow(folder, job);
                await overtaking;
                return store.get(key);
              }
            : typeof store[name] === 'function'
              ? store[name].bind(store)
              : store[name],
      });
    };
    const { report } = await mineBelow(folder, job, { store: overtaken });
    expect(overtaking).toBeDefined();
    expect(report.totals).toMatchObject({ queries: 12, trainingRows: 36 });
  });
});
