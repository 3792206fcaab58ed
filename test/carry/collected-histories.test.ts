import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { versionsPrefix } from '../../core/layout.js';
import type { CollectionOutcome } from '../../core/retention/collection.js';
import { collect } from '../../engine/retention/collect.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { type ReadableVersion, resolveVersion } from '../../engine/version/resolve-version.js';
import { CrashPlan, failingStore, SimulatedCrash } from '../support/failing-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { corpusHistories } from './corpus-history.js';
import { everyNightIsWhole, HISTORIES_TIMEOUT, tries } from './every-night.js';

beforeEach(() => {
  process.env.VECTORMILL_CACHE = temporaryFolder();
});

const SHORT = { min: 2, max: 6 };

/** Keeps only what the ref names, and gives readers no time. */
const policy = { keep: 0, ageMs: 0, history: 1, graceMs: 0 };

function collected(store: ObjectStore, dataset: string): Promise<CollectionOutcome> {
  const run = { signal: new AbortController().signal, onDeleted: () => {} };
  return collect(store, dataset, { policy, dropped: [] }, run);
}

/**
 * Deletes all other versions, in an attempt for each operation at which one is killed, and a last.
 */
async function deleteOthers({ store, location }: ReadableVersion, kills: readonly number[]): Promise<void> {
  const { dataset, version } = location;
  for (const kill of kills) {
    const failing = failingStore(store, new CrashPlan((_, index) => index === kill));
    await collected(failing, dataset).catch((error: unknown) => {
      if (!(error instanceof SimulatedCrash)) throw error;
    });
  }
  expect(['nothing', 'done']).toContain((await collected(store, dataset)).outcome);
  expect(await collected(store, dataset)).toEqual({ outcome: 'nothing' });
  const { parts, rejectFiles } = await resolveVersion(store, { dataset, selector: version });
  const listed = new Set([
    ...[...parts].flatMap(({ chunks, vectors }) => [chunks.key, vectors.key]),
    ...rejectFiles.map(({ key }) => key),
  ]);
  for await (const { key } of store.list(versionsPrefix(dataset)))
    if (!key.startsWith(`${versionsPrefix(dataset)}${version}/`)) expect(listed, key).toContain(key);
}

it('a version is whole when all others are deleted after each night, however often that is killed', {
  timeout: HISTORIES_TIMEOUT,
}, async () => {
  const kills = fc.array(fc.array(fc.nat(60), { maxLength: 3 }), { minLength: 6, maxLength: 6, size: 'max' });
  const histories = corpusHistories(SHORT, ['float32', 'int8']);
  const property = fc.asyncProperty(histories, kills, async (history, some) => {
    let night = 0;
    await everyNightIsWhole(history, {
      onNight: async ({ continued }) => {
        await deleteOthers(continued, some[night]!);
        night += 1;
      },
    });
  });
  await fc.assert(property, tries(0.05));
});
