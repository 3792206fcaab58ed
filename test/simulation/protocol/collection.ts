import type { RetentionPolicy } from '../../../core/retention/retention-policy.js';
import { SIMULATED_DATASET } from './names.js';
import { GONE, type World } from './world.js';

const ROUNDS = 3;
/** The steps between two calls, as of a command that a timer runs. */
const PAUSE_STEPS = 40;
const RUN = { signal: new AbortController().signal, onDeleted: () => {} };

/** Collects what nothing needs, some times, as `vectormill gc --delete` does. */
export async function collectOften(world: World, name: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await world.attempts(
      name,
      ({ store }) =>
        world.protocol.collect(store, SIMULATED_DATASET, { policy: world.policy, dropped: [] }, RUN),
      // Another collection may delete what this one looks at.
      (code) => GONE.includes(code) && world.hasDeleted(),
    );
    await world.scheduler.turn(name, PAUSE_STEPS);
  }
}

const POLICY: RetentionPolicy = { keep: 1, ageMs: 0, history: 1, graceMs: 0 };
const GRACES_MS = [0, 1000, 8000];
const UNFINISHED_MS = 6000;

/** Draws a policy that keeps little. */
export function drawnPolicy(random: () => number): RetentionPolicy {
  return {
    ...POLICY,
    keep: random() < 0.6 ? 0 : 1,
    history: random() < 0.7 ? 1 : 2,
    graceMs: GRACES_MS[Math.floor(random() * GRACES_MS.length)]!,
    ...(random() < 0.3 && { unfinishedAfterMs: UNFINISHED_MS }),
  };
}
