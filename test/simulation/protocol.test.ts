import { expect, test } from 'vitest';
import { reportOfFailing, tryInterleavings } from './protocol/interleavings.js';
import { PROTOCOL } from './protocol/protocol.js';
import { runInterleaving } from './protocol/run-interleaving.js';

/** The number of interleavings that are tried; `make torture` tries more. */
const INTERLEAVINGS = Number(process.env.VECTORMILL_TEST_INTERLEAVINGS ?? 10_000);

/** The seed of the first one. Each of the others has the seed that follows. */
const SEED = Number(process.env.VECTORMILL_TEST_SEED ?? 1);

/** The time for `make torture`, in milliseconds. */
const TIMEOUT = 86_400_000;

test('no interleaving of nights, people and readers breaks a promise', { timeout: TIMEOUT }, async () => {
  const { count, steps, seconds, failing } = await tryInterleavings(PROTOCOL, {
    seed: SEED,
    count: INTERLEAVINGS,
  });
  console.log(
    `simulation: ${count} interleavings of ${Math.round(steps / count)} requests, ${Math.round(count / seconds)} a second`,
  );

  expect(failing && (await reportOfFailing(failing, PROTOCOL))).toBeUndefined();
});

test('an interleaving is the same each time, by its seed and by its script', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const first = await runInterleaving(seed, { protocol: PROTOCOL, isTraced: true });
    const again = await runInterleaving(seed, { protocol: PROTOCOL, isTraced: true });
    const { script } = first;
    const scripted = await runInterleaving(seed, { protocol: PROTOCOL, script, isTraced: true });

    expect(first.trace.length).toBeGreaterThan(10);
    expect(again).toEqual(first);
    expect(scripted).toEqual(first);
  }
});
