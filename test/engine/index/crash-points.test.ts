import { expect, it } from 'vitest';
import { openIndex } from '../../../engine/index/open-index.js';
import { openStore } from '../../../engine/store/open-store.js';
import { CrashPlan, failingStore, SimulatedCrash } from '../../support/failing-store.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { build, SMALL_GRAPHS } from './build.js';
import { randomRows } from './random-rows.js';
import { writeVectorVersion } from './vector-version.js';

const DIMENSIONS = 16;

it('a build that dies before or after any of its writes is finished by the next, and is never half visible', async () => {
  const store = openStore(temporaryFolder());
  const files = [randomRows(100, DIMENSIONS), randomRows(100, DIMENSIONS, 1)];
  const version = await writeVectorVersion(store, { dimensions: DIMENSIONS, files });
  const points = new CrashPlan(() => false);
  await build({ ...version, store: failingStore(store, points) }, 'whole', SMALL_GRAPHS);
  const writes = points.points.filter((point) => point.startsWith('put:'));
  // The writes are two graphs, their records, the lists of their rows, the queries of the gate, and
  // the manifest. Each is tried before and after.
  expect(writes).toHaveLength(16);
  for (const [index, write] of writes.entries()) {
    const name = `crash-${index}`;
    const here = write.replace('/whole/', `/${name}/`);
    const dying = { ...version, store: failingStore(store, new CrashPlan((point) => point === here)) };
    await expect(build(dying, name, SMALL_GRAPHS)).rejects.toThrow(SimulatedCrash);
    if (here !== writes.at(-1)!.replace('/whole/', `/${name}/`))
      await expect(openIndex(version, name)).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
    const { manifest, reused } = await build(version, name, SMALL_GRAPHS);
    expect(manifest.shards).toHaveLength(2);
    expect(reused).toBe(Math.min(2, Math.floor((index + 3) / 4)));
    await (await openIndex(version, name)).close();
  }
});
