import { counted } from '../core/counted.js';
import { VectormillError } from '../core/errors.js';
import { refKey, versionLayout } from '../core/layout.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import { listVersions } from '../engine/version/resolve-version.js';
import { outputsOfJobs } from './job/outputs-of-jobs.js';

/** A dataset and the name of a ref or version of it. */
interface Named {
  dataset: string;
  selector: string;
}

/**
 * The store of a dataset that was named without a place, by what Temporal knows about its jobs. It
 * is where the ref or version is or, if that is nowhere, where versions of the dataset are. Errors:
 * USAGE where several stores fit, naming them; those of `outputsOfJobs`.
 */
export async function findOutput(named: Named, openStore: StoreOpener): Promise<ObjectStore> {
  const roots = await outputsOfJobs(named.dataset, named.selector);
  const stores = [...new Map(roots.map(openStore).map((store) => [store.root, store])).values()];
  if (stores.length === 1) return stores[0]!;
  for (const holds of [holdsSelector, holdsVersions]) {
    const fitting = await storesWhere(stores, (store) => holds(store, named));
    if (fitting.length === 1) return fitting[0]!;
    if (fitting.length > 1) throw ambiguousOutput(named, fitting);
  }
  // The command then says what is missing at the place of the latest job.
  return stores[0]!;
}

async function holdsSelector(store: ObjectStore, { dataset, selector }: Named): Promise<boolean> {
  const records = [refKey(dataset, selector), versionLayout(dataset, selector).job];
  const found = await Promise.all(records.map((key) => store.head(key)));
  return found.some((info) => info !== undefined);
}

async function holdsVersions(store: ObjectStore, { dataset }: Named): Promise<boolean> {
  return (await listVersions(store, dataset)).length > 0;
}

/** A store that cannot be read may hold it, so the user decides whether to name it. */
async function storesWhere(
  stores: readonly ObjectStore[],
  holds: (store: ObjectStore) => Promise<boolean>,
): Promise<ObjectStore[]> {
  const found = await Promise.all(stores.map((store) => holds(store).catch(() => true)));
  return stores.filter((_, index) => found[index]);
}

function ambiguousOutput({ dataset, selector }: Named, fitting: readonly ObjectStore[]): VectormillError {
  const roots = fitting.map(({ root }) => root);
  return new VectormillError(
    'USAGE',
    `jobs wrote ${dataset}@${selector} to ${counted(roots.length, 'place')}: ${roots.join(', ')}`,
    {
      component: 'cli',
      remedy: `Say which: --output ${roots[0]}, or the whole place, ${roots[0]}/${dataset}.`,
    },
  );
}
