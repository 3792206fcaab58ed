import { refKey } from '../../core/layout.js';
import {
  decideMove,
  type RefDecision,
  type RefMove,
  type RefOutcome,
  type RefRecord,
} from '../../core/ref.js';
import type { ObjectStore } from '../store/object-store.js';
import { parseRef, readTaggedRef } from './read-ref.js';
import { swapRecord } from './swap-record.js';

/** The ref that shall be moved, and how. */
export interface NamedRefMove extends RefMove {
  dataset: string;
  ref: string;
}

/** The result of a move, and the ref as it is now. */
export interface MovedRef {
  outcome: RefOutcome;
  record: RefRecord;
}

/**
 * Points a ref at a version by compare-and-swap, if the ref still has the generation that the move
 * expects. Of two moves that expect the same, one happens. A move that is repeated after its answer
 * was lost finds itself. Errors: FILE_DAMAGED; STORE_UNAVAILABLE if others keep writing it.
 */
export async function moveRef(
  store: ObjectStore,
  { dataset, ref, ...move }: NamedRefMove,
): Promise<MovedRef> {
  return swapRef(store, { dataset, ref }, (current) => decideMove(current, move));
}

/**
 * Ends the hold of a ref, so that jobs and nights move it again. Its generation stays, because it
 * was not moved. Undefined where there is no such ref. Errors: as `moveRef`.
 */
export async function releaseRef(
  store: ObjectStore,
  place: { dataset: string; ref: string },
): Promise<MovedRef | undefined> {
  const current = await readTaggedRef(store, place.dataset, place.ref);
  if (!current) return undefined;
  return swapRef(store, place, (now = current.record) =>
    now.isHeld ? { outcome: 'write', record: { ...now, isHeld: false } } : { outcome: 'there', record: now },
  );
}

async function swapRef(
  store: ObjectStore,
  { dataset, ref }: { dataset: string; ref: string },
  decide: (current: RefRecord | undefined) => RefDecision,
): Promise<MovedRef> {
  const swapped = { key: refKey(dataset, ref), name: `the ref ${ref} of ${dataset}`, parse: parseRef };
  const { outcome, record } = await swapRecord(store, swapped, decide);
  return { outcome: outcome === 'written' ? 'moved' : outcome, record };
}
