import { randomUUID } from 'node:crypto';
import { VectormillError } from '../../core/errors.js';
import { decideMove, type RefMover, type RefRecord } from '../../core/ref.js';
import type { Difference } from '../../engine/verify/verify-report.js';
import { movePinned } from '../../engine/version/move-pinned.js';
import type { MovedRef } from '../../engine/version/move-ref.js';
import { unpin } from '../../engine/version/pins.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';
import { thisProcess } from '../../local/this-process.js';
import { count } from '../job/progress-line.js';
import { verifyFailed, verifyQuickly } from '../verify-quickly.js';

/** The number of differences that are printed for a person. */
const MAX_SHOWN_DIFFERENCES = 20;

/** A move of a ref that somebody asks for. */
export interface AskedMove {
  ref: string;
  by: RefMover;
  /** The ref as it was when the command began; undefined where there was none. */
  before: RefRecord | undefined;
  /** The generation that the ref must have. Undefined for the one that it had. */
  expect?: number | undefined;
  hold?: boolean;
  release?: boolean;
  /** Whether the files of the version are not checked. */
  force: boolean;
}

/** The result of a move, or the differences because of which nothing was moved. */
export type PointedRef = MovedRef | { differences: readonly Difference[] };

/**
 * Checks the files of a version and points a ref at it, if the ref has not been moved since.
 * Errors: REF_MOVED, REF_HELD, VERSION_RETIRED; those of `verifyQuickly` and `moveRef`.
 */
export async function pointRef(
  version: ReadableVersion,
  asked: AskedMove,
  json: boolean,
): Promise<PointedRef> {
  const { store, location, job } = version;
  const { ref, by, before, expect, force, ...how } = asked;
  const found = force ? [] : (await verifyQuickly(version, json)).differences;
  if (found.length > 0) return { differences: found };
  const { dataset } = location;
  const name = `${dataset}@${ref}`;
  const writeId = `${by} ${randomUUID()}`;
  const pin = { dataset, job: writeId.replace(' ', '.'), makes: null, versions: [location.version] };
  const move = {
    dataset,
    ref,
    version: location.version,
    fingerprint: job.fingerprint,
    by,
    writeId,
    movedAt: Date.now(),
    expected: expect ?? before?.generation ?? 0,
    ...how,
  };
  // A move that will not be made writes nothing, not even a pin.
  const foreseen = decideMove(before, move);
  if (foreseen.outcome !== 'write') return answered(foreseen, name, expect);
  const owned = { ...pin, owner: thisProcess() };
  const moved = await movePinned(store, owned, move).catch(async (error: unknown) => {
    // Nobody repeats this very command, so that nobody else would remove its pin.
    await unpin(store, owned);
    throw error;
  });
  return answered(moved, name, expect);
}

/** Returns a move that was made, or need not be. Errors: REF_MOVED, REF_HELD. */
function answered(moved: MovedRef, name: string, expect: number | undefined): MovedRef {
  if (moved.outcome === 'superseded') throw refMoved(name, moved.record, expect);
  if (moved.outcome === 'held') throw refHeld(name, moved.record);
  return moved;
}

/**
 * Says what is wrong with a version that no ref should name. The ref stays as it is. Returns the
 * exit code.
 */
export function printDamaged(
  { location }: ReadableVersion,
  ref: string,
  differences: readonly Difference[],
  json: boolean,
): number {
  const { output, dataset, version } = location;
  const { code, message, remedy } = verifyFailed(
    `${dataset}@${version}`,
    differences.length,
    `Restore the named files from a copy, or name another version; --force moves the ref all the same.`,
  );
  if (json) {
    const error = { code, message, remedy };
    console.log(JSON.stringify({ output, dataset, ref, version, moved: false, differences, error }));
    return 1;
  }
  for (const { file, what } of differences.slice(0, MAX_SHOWN_DIFFERENCES)) console.error(`${file}: ${what}`);
  const more = differences.length - MAX_SHOWN_DIFFERENCES;
  if (more > 0) console.error(`and ${count(more)} more, which \`vectormill verify --quick\` shows`);
  console.error(`failed (${code}): ${message}; ${dataset}@${ref} stays\n  → ${remedy}`);
  return 1;
}

function refMoved(
  name: string,
  { version, generation }: RefRecord,
  expect: number | undefined,
): VectormillError {
  const since = expect === undefined ? 'since this command began' : `so that ${expect} is not its generation`;
  return new VectormillError(
    'REF_MOVED',
    `${name} was moved to ${version}, which is generation ${generation}, ${since}`,
    {
      component: 'version',
      remedy: `Look at \`vectormill refs log ${name}\`, and repeat the command if it is still wanted.`,
    },
  );
}

function refHeld(name: string, { version }: RefRecord): VectormillError {
  return new VectormillError('REF_HELD', `${name} is held at ${version}`, {
    component: 'version',
    remedy: `Give --release to move it and end the hold, or end it with \`vectormill refs release ${name}\`.`,
  });
}
