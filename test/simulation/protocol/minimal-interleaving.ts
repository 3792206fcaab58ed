import { shortest } from '../schedule/shrink.js';
import type { Protocol } from './protocol.js';
import { type Interleaving, runInterleaving, type Script } from './run-interleaving.js';

/** The number of interleavings that are tried to make a failing one small. */
const TRIES = 1500;

/**
 * Returns an interleaving, with its trace, in which the same promise is broken by fewer actors and
 * with fewer faults.
 */
export async function minimalInterleaving(failing: Interleaving, protocol: Protocol): Promise<Interleaving> {
  const { seed, violation } = failing;
  let tries = 0;
  const isSpent = () => tries >= TRIES;
  const breaks = async (script: Script) => {
    tries += 1;
    return (await runInterleaving(seed, { protocol, script })).violation?.rule === violation?.rule;
  };
  const plain = { ...failing.script, isPlain: true };
  let script = (await breaks(plain)) ? plain : failing.script;
  for (let size = Number.POSITIVE_INFINITY; sizeOf(script) < size && !isSpent(); ) {
    size = sizeOf(script);
    const actors = await shortest(script.actors, (some) => breaks({ ...script, actors: some }), isSpent);
    script = { ...script, actors };
    const faults = await shortest(script.faults, (some) => breaks({ ...script, faults: some }), isSpent);
    script = { ...script, faults };
    const choices = await shortest(script.choices, (some) => breaks({ ...script, choices: some }), isSpent);
    script = { ...script, choices };
  }
  return { ...(await runInterleaving(seed, { protocol, script, isTraced: true })), script };
}

function sizeOf({ actors, faults, choices }: Script): number {
  return actors.length + faults.length + choices.length;
}

/** Describes a failing interleaving for whoever mends what it shows. */
export function describeInterleaving({ seed, violation, script, trace }: Interleaving): string {
  return [
    `${violation?.rule}: ${violation?.what}`,
    `seed ${seed}; to run it again: VECTORMILL_TEST_SEED=${seed} VECTORMILL_TEST_INTERLEAVINGS=1 npx vitest run test/simulation/protocol.test.ts`,
    `actors: ${script.actors.join(', ')}`,
    `faults: ${script.faults.map(({ process, request, kind }) => `${kind} at request ${request} of ${process}`).join('; ') || 'none'}`,
    ...trace.map((line, step) => `${String(step).padStart(5)} ${line}`),
  ].join('\n');
}
