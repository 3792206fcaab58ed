import { setImmediate } from 'node:timers/promises';
import { errorWith, isVectormillError } from '../../core/errors.js';
import type { OpenVersion } from '../version/open-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import type { PartEvent, StepTools } from './step-context.js';

/** The place of a part: its stage, its shard, and where it is stored. */
export interface PartPlace {
  stage: PartEvent['stage'];
  shard: number;
  /** The rows `[start, end)` of the shard. */
  start: number;
  end: number;
  key: string;
}

/** The work of computing a part and describing it. */
export interface PartWork<T> {
  /**
   * Returns the part's bytes. It may prepare before its turn comes. It computes after that, while
   * no other part is computed in this process.
   */
  compute(turn: Promise<void>): Promise<Uint8Array>;
  /**
   * Checks the bytes that are stored, whoever wrote them, and describes them. Errors:
   * PART_CONFLICT.
   */
  describe(bytes: Uint8Array): T;
}

type PartTools = Pick<StepTools, 'partGate' | 'logPart'>;

/**
 * Makes sure that one part exists and is computed once. A part that exists is checked and adopted,
 * never overwritten.
 */
export async function ensurePart<T>(
  tools: PartTools,
  version: OpenVersion,
  place: PartPlace,
  work: PartWork<T>,
): Promise<T> {
  if (await version.store.head(place.key)) return adoptPart(tools, version, place, work);
  return computePart(tools, version, place, work);
}

/**
 * Checks and adopts a part that was found in storage. Errors: those of `describe`; for a damaged
 * part, the remedy is to delete it, because nothing lists it yet.
 */
export async function adoptPart<T>(
  tools: PartTools,
  version: OpenVersion,
  place: PartPlace,
  { describe }: Pick<PartWork<T>, 'describe'>,
): Promise<T> {
  const bytes = await version.store.get(place.key);
  let adopted: T;
  try {
    adopted = describe(bytes);
  } catch (error) {
    if (!isVectormillError(error) || error.code !== 'FILE_DAMAGED') throw error;
    throw errorWith(error, {
      remedy: 'No commit lists this file yet: delete it and run the job again, which computes it anew.',
    });
  }
  logOf(tools, version, place)('part.adopted');
  return adopted;
}

/**
 * Computes a part that was not found in storage. If another attempt has written it in the meantime,
 * that one is checked and adopted.
 */
export async function computePart<T>(
  tools: PartTools,
  version: OpenVersion,
  place: PartPlace,
  { compute, describe }: PartWork<T>,
): Promise<T> {
  const log = logOf(tools, version, place);
  const admitted = tools.partGate.acquire(place.stage);
  const release = () => admitted.then((end) => end());
  let startedAt = 0;
  const turn = admitted.then(() => {
    startedAt = performance.now();
    log('part.started');
  });
  try {
    return await writeOrAdopt(version.store, place.key, await compute(turn), {
      describe,
      onDurable: async (isOwn) => {
        log(isOwn ? 'part.written' : 'part.adopted', performance.now() - startedAt);
        // What is durable cannot be lost, so the next part's first batches go to the sessions
        // before this part is described.
        await release();
        await setImmediate();
      },
    });
  } finally {
    // The turn is also released if preparing failed before it had come.
    void release();
  }
}

function logOf(
  { logPart }: PartTools,
  { job }: OpenVersion,
  { stage, shard, start, end }: PartPlace,
): (event: PartEvent['event'], ms?: number) => void {
  const { dataset, version } = job.spec;
  return (event, ms) =>
    logPart({
      event,
      stage,
      dataset,
      version,
      shard,
      start,
      end,
      ...(ms === undefined ? {} : { ms: Math.round(ms) }),
    });
}
