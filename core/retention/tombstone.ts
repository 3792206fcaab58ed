/**
 * The fate of a version that is no longer wanted:
 * - `retiring`: it will be deleted unless somebody needs it first.
 * - `kept`: somebody has needed it since. A later collection may retire it again.
 * - `deleting`: nobody can need it any more, and its name is never used again.
 */
export type TombstoneState = 'retiring' | 'kept' | 'deleting';

/** The content of `tombstones/<version>.json`. A version without one is not to be deleted. */
export interface Tombstone {
  formatVersion: 1;
  version: string;
  state: TombstoneState;
  /** The number of the collection that retired it last. */
  collection: number;
}

/**
 * The answer to a wish about a version:
 * - `write`: its tombstone shall be this one.
 * - `kept`: it stays, whatever is written.
 * - `deleting`: it is being deleted, or is deleted.
 * - `retiring`: it is to be deleted by this collection already.
 */
export type TombstoneDecision =
  | { outcome: 'write'; record: Tombstone }
  | { outcome: TombstoneState; record: Tombstone | undefined };

/** Decides the wish of a collection to retire a version. It retires each version once. */
export function decideRetire(
  current: Tombstone | undefined,
  { version, collection }: Pick<Tombstone, 'version' | 'collection'>,
): TombstoneDecision {
  const isNew = !current || (current.state !== 'deleting' && current.collection < collection);
  if (isNew)
    return { outcome: 'write', record: { formatVersion: 1, version, state: 'retiring', collection } };
  return { outcome: current.state, record: current };
}

/** Decides the wish to keep a version, of somebody who needs it. */
export function decideKeep(current: Tombstone | undefined): TombstoneDecision {
  if (current?.state === 'retiring') return { outcome: 'write', record: { ...current, state: 'kept' } };
  return { outcome: current?.state ?? 'kept', record: current };
}

/** Decides the wish of a collection to delete a version that it has retired. */
export function decideDelete(
  current: Tombstone | undefined,
  { collection }: Pick<Tombstone, 'collection'>,
): TombstoneDecision {
  if (current?.state === 'retiring' && current.collection === collection)
    return { outcome: 'write', record: { ...current, state: 'deleting' } };
  return { outcome: current?.state === 'deleting' ? 'deleting' : 'kept', record: current };
}
