import { describe, expect, it } from 'vitest';
import type { IndexRequest } from '../../../core/index/choose-parameters.js';
import type { IndexManifest } from '../../../core/index/index-manifest.js';
import { KNOWN_NEIGHBOURS } from '../../../core/index/known-neighbours.js';
import { readGateQueryFile } from '../../../engine/parquet/gate-query-file.js';
import { exactRows } from '../../../engine/search/exact-rows.js';
import type { ObjectStore } from '../../../engine/store/object-store.js';
import { openStore } from '../../../engine/store/open-store.js';
import { readListedFile } from '../../../engine/version/read-listed-file.js';
import type { ReadableVersion } from '../../../engine/version/resolve-version.js';
import { CrashPlan, failingStore } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { firstNight, nightAfter } from './nights.js';
import { randomRows } from './random-rows.js';

const DIMENSIONS = 16;
const REQUEST: IndexRequest = { ...SMALL_GRAPHS, precision: 'float32', shardRows: 1000 };
const few = [randomRows(20, DIMENSIONS, 7)];

async function indexed(files = [randomRows(500, DIMENSIONS)]) {
  const parent = await firstNight(openStore(temporaryFolder()), DIMENSIONS, files);
  const { manifest } = await build(parent, 'main', REQUEST);
  return { parent, manifest };
}

/** Builds the index of a version, and returns the keys of the files that were read. */
async function buildWatched(version: ReadableVersion) {
  const plan = new CrashPlan(() => false);
  const store = failingStore(version.store, plan);
  const { manifest } = await build({ ...version, store }, 'main', REQUEST);
  const read = plan.points.flatMap((point) => /^get:before:(.*)/.exec(point)?.[1] ?? []);
  return { manifest, read };
}

async function queriesOf({ store }: ReadableVersion, { gateQueries }: IndexManifest) {
  return readGateQueryFile(await readListedFile(store, gateQueries!), 'file', DIMENSIONS);
}

/** Expects of each query that its neighbours are those of a comparison with all rows. */
async function expectExact(version: ReadableVersion, manifest: IndexManifest, least: number): Promise<void> {
  for (const { own, vector, known } of await queriesOf(version, manifest)) {
    const { nearest } = await exactRows(version, 'cosine', vector, { k: KNOWN_NEIGHBOURS + 1 });
    const others = nearest.filter(({ row }) => row !== version.parts.rowOf(own));
    expect(known.nearest.length).toBeGreaterThanOrEqual(least);
    for (const [place, { rowKey, score }] of known.nearest.entries()) {
      expect(score).toBeCloseTo(others[place]!.score, 12);
      expect(version.parts.rowOf(rowKey)).toBeDefined();
    }
  }
}

describe("the queries of a night's gate", () => {
  it("are the parent's with exact neighbours, and no vectors but the new rows' are read", async () => {
    const { parent, manifest: before } = await indexed();
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    const { manifest, read } = await buildWatched(child);
    const vectorFiles = new Set(read.filter((key) => key.includes('/vectors/')));
    expect([...vectorFiles]).toEqual([child.parts.at(1)!.vectors.key]);
    const old = await queriesOf(parent, before);
    const living = old.filter(({ own }) => child.parts.rowOf(own) !== undefined);
    expect(living.length).toBeLessThan(old.length);
    expect((await queriesOf(child, manifest)).map(({ own }) => own)).toEqual(living.map(({ own }) => own));
    expect(manifest.gate.queries).toBe(living.length - Math.ceil(living.length / 3));
    await expectExact(child, manifest, 10);
  });

  it('are compared with all rows again if too many of their neighbours have died', async () => {
    const rows = randomRows(500, DIMENSIONS);
    // A hundred rows are near each other, and all but eight of them die.
    for (let row = 1; row < 100; row += 1)
      for (let at = 0; at < DIMENSIONS; at += 1)
        rows[row * DIMENSIONS + at] = rows[at]! + rows[row * DIMENSIONS + at]! / 5;
    const { parent } = await indexed([rows]);
    const dies = (row: number) => row >= 8 && row < 100;
    const child = await nightAfter(parent, { deadShare: 0, dies, files: few }, 1);
    const { manifest, read } = await buildWatched(child);
    expect(manifest.shards).toHaveLength(1);
    expect(read).toContain(parent.parts.at(0)!.vectors.key);
    await expectExact(child, manifest, 10);
  });

  it.each<[string, (key: string, store: ObjectStore) => Promise<unknown>]>([
    ['is gone', (key, store) => store.delete(key)],
    ['is damaged', (key, store) => store.put(key, new Uint8Array(100))],
  ])('are drawn anew if their file %s, and the graphs are searched on', async (_, damage) => {
    const { parent, manifest: before } = await indexed();
    await damage(before.gateQueries!.key, parent.store);
    const child = await nightAfter(parent, { deadShare: 0.05, files: few }, 1);
    const { manifest, read } = await buildWatched(child);
    expect(manifest.shards[0]!.key).toBe(before.shards[0]!.key);
    expect(new Set(read.filter((key) => key.includes('/vectors/'))).size).toBe(2);
    expect(await queriesOf(child, manifest)).toHaveLength(300);
    await expectExact(child, manifest, KNOWN_NEIGHBOURS);
  });
});
