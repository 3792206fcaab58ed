import { counted } from '../core/counted.js';
import { isVectormillError, VectormillError } from '../core/errors.js';
import { refKey, versionLayout } from '../core/layout.js';
import { workflowId } from '../core/workflow-api.js';
import type { ObjectStore } from '../engine/store/object-store.js';
import type { StoreOpener } from '../engine/store/store-cache.js';
import { listVersions } from '../engine/version/resolve-version.js';
import { withTemporal } from './job/connect.js';
import { listJobs } from './job/find-job.js';
import { temporalSettings } from './temporal/temporal-settings.js';

/** A dataset and the name of a ref or version of it. */
interface Named {
  dataset: string;
  selector: string;
}

/**
 * Returns the store of a dataset that was named without a place, by what Temporal knows about its
 * jobs. It is where the ref or version is or, if that is nowhere, where versions of the dataset
 * are. Errors: USAGE where several stores fit, naming them; those of `outputsOfJobs`.
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

/**
 * Returns the stores for which `holds` is true. A store that cannot be read is among them, because
 * it may hold the version, so the user decides whether to name it.
 */
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

/**
 * Returns the output roots of the dataset's jobs, each once, that of the latest job first. If there
 * are jobs of the named version, only their roots are returned. Errors: USAGE naming the other ways
 * to say where a dataset lies; PAYLOAD_UNREADABLE where no job of the dataset can be read.
 */
async function outputsOfJobs(dataset: string, version: string): Promise<string[]> {
  const { address } = temporalSettings();
  const outputs = await withTemporal(async (client) => {
    const wanted = workflowId({ dataset, version });
    const anyVersion = workflowId({ dataset, version: '' });
    const ofVersion = new Set<string>();
    const ofDataset = new Set<string>();
    let unreadable: VectormillError | undefined;
    for await (const { workflowId: id, output, problem } of listJobs(client)) {
      if (!id.startsWith(anyVersion)) continue;
      unreadable ??= problem;
      if (output === undefined) continue;
      ofDataset.add(output);
      if (id === wanted) ofVersion.add(output);
    }
    if (unreadable && ofDataset.size === 0) throw unreadable;
    return [...(ofVersion.size > 0 ? ofVersion : ofDataset)];
  }).catch((error: unknown) => {
    if (isVectormillError(error) && error.code === 'TEMPORAL_UNAVAILABLE')
      throw unknownPlace(dataset, `and no Temporal server answers at ${address}`, error);
    throw error;
  });
  if (outputs.length === 0)
    throw unknownPlace(dataset, `and the Temporal server at ${address} knows no job of it`);
  return outputs;
}

function unknownPlace(dataset: string, why: string, cause?: unknown): VectormillError {
  return new VectormillError('USAGE', `nothing says where the dataset ${dataset} lies, ${why}`, {
    component: 'cli',
    cause,
    remedy: `Name the whole place, such as ./out/${dataset}, give --output s3://bucket/prefix (or a path), or set VECTORMILL_OUTPUT.`,
  });
}
