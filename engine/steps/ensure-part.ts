import { setImmediate } from 'node:timers/promises';
import type { OpenVersion } from '../version/open-version.js';
import { writeOrAdopt } from '../version/write-or-adopt.js';
import type { PartEvent, StepTools } from './step-context.js';

/** Which part of a shard, at which stage, and where it belongs. */
export interface PartPlace {
  stage: PartEvent['stage'];
  shard: number;
  /** Rows `[start, end)` of the shard. */
  start: number;
  end: number;
  key: string;
}

export interface PartWork<T> {
  /**
   * The part's bytes; may prepare before its turn comes, and computes after it, while no other part
   * is computed here.
   */
  compute(turn: Promise<void>): Promise<Uint8Array>;
  /**
   * Checks the bytes that stand, whoever wrote them, and says what they are. Errors: PART_CONFLICT.
   */
  describe(bytes: Uint8Array): T;
}

type PartTools = Pick<StepTools, 'partGate' | 'logPart'>;

/** One part, computed once: one that stands is checked and adopted, never overwritten. */
export async function ensurePart<T>(
  tools: PartTools,
  version: OpenVersion,
  place: PartPlace,
  work: PartWork<T>,
): Promise<T> {
  if (await version.store.head(place.key)) return adoptPart(tools, version, place, work);
  return computePart(tools, version, place, work);
}

/** A part that was found on storage, checked. */
export async function adoptPart<T>(
  tools: PartTools,
  version: OpenVersion,
  place: PartPlace,
  { describe }: Pick<PartWork<T>, 'describe'>,
): Promise<T> {
  const adopted = describe(await version.store.get(place.key));
  logOf(tools, version, place)('part.adopted');
  return adopted;
}

/**
 * A part that was not found on storage; where another attempt has written it meanwhile, that one is
 * checked and adopted.
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
        // What is durable cannot be lost: the next part's first batches go to the sessions before
        // this one is described.
        await release();
        await setImmediate();
      },
    });
  } finally {
    // Also where preparing failed before the turn had come.
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
