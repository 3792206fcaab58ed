import { expect, test } from 'vitest';
import { COLLECTION_MUTATIONS } from './protocol/collection-mutations.js';
import { reportOfFailing, tryInterleavings } from './protocol/interleavings.js';
import { minimalInterleaving } from './protocol/minimal-interleaving.js';
import { MUTATIONS } from './protocol/mutations.js';
import { runInterleaving } from './protocol/run-interleaving.js';

const INTERLEAVINGS = 10_000;

test.each(Object.entries({ ...MUTATIONS, ...COLLECTION_MUTATIONS }))(
  'it is found if %s',
  async (_, protocol) => {
    const { failing } = await tryInterleavings(protocol, { seed: 1, count: INTERLEAVINGS });

    expect(failing?.violation).toBeDefined();
  },
);

test('a failing interleaving is made small, and is told with its seed', async () => {
  const protocol = MUTATIONS['a part is committed before it is durable']!;
  const { failing } = await tryInterleavings(protocol, { seed: 1, count: INTERLEAVINGS });

  const minimal = await minimalInterleaving(failing!, protocol);

  expect(minimal.violation?.rule).toBe(failing?.violation?.rule);
  expect(minimal.script.actors.length).toBeLessThanOrEqual(2);
  expect(minimal.script.faults.length).toBeLessThanOrEqual(2);
  expect(minimal.trace.length).toBeLessThan(60);
  const { seed, script } = minimal;
  const replayed = await runInterleaving(seed, { protocol, script, isTraced: true });
  expect(replayed.trace).toEqual(minimal.trace);
  expect(await reportOfFailing(failing!, protocol)).toContain(`VECTORMILL_TEST_SEED=${seed}`);
});
