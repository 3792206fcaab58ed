import type { RetentionState } from '../../core/retention/decide-retention.js';
import type { Pin } from '../../core/retention/pin.js';
import type { ObjectStore } from '../store/object-store.js';
import { listRefs, type NamedRef } from '../version/list-refs.js';
import { listPins } from '../version/pins.js';
import { listTombstones } from '../version/tombstones.js';
import { type VersionOnStorage, versionsOnStorage } from './stored-versions.js';

/** A dataset as retention sees it. */
export interface RetainableDataset extends Pick<RetentionState, 'now'> {
  /** Versions that are not being deleted. */
  versions: readonly VersionOnStorage[];
  /** Versions that are being deleted and of which objects are there. */
  deleting: readonly VersionOnStorage[];
  refs: readonly NamedRef[];
  pins: readonly Pin[];
}

/**
 * Looks at a dataset. Pins are read first: a job removes its pin only once a manifest or a ref says
 * the same, so that whoever reads these afterwards misses nothing. `now` is the present time by the
 * clock of the store. Errors: FILE_DAMAGED.
 */
export async function lookAtDataset(
  store: ObjectStore,
  dataset: string,
  now: number,
): Promise<RetainableDataset> {
  const pins = await listPins(store, dataset);
  const refs = await listRefs(store, dataset);
  const versions: VersionOnStorage[] = [];
  for await (const version of versionsOnStorage(store, dataset)) versions.push(version);
  const names = new Set(versions.map(({ version }) => version));
  const gone = new Set<string>();
  for await (const { version, state } of listTombstones(store, dataset, names))
    if (state === 'deleting') gone.add(version);
  return {
    now,
    versions: versions.filter(({ version }) => !gone.has(version)),
    deleting: versions.filter(({ version }) => gone.has(version)),
    refs,
    pins,
  };
}
