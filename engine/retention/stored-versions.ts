import { versionLayout, versionsPrefix } from '../../core/layout.js';
import type { StoredVersion } from '../../core/retention/decide-retention.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJobRecord } from '../version/read-job.js';

/** A version as one listing of its dataset finds it. */
export interface VersionOnStorage extends StoredVersion {
  /** The keys of the manifests of its indexes. */
  indexes: readonly string[];
}

const INDEX_MANIFEST = /^index\/[^/]+\/manifest\.json$/;

/**
 * Yields what storage holds of each version of a dataset, in the order of their names. One request
 * lists a thousand objects. Errors: FILE_DAMAGED for the job of a version that is not finished.
 */
export async function* versionsOnStorage(
  store: ObjectStore,
  dataset: string,
): AsyncGenerator<VersionOnStorage> {
  const prefix = versionsPrefix(dataset);
  let found: FoundVersion | undefined;
  // A listing is in the order of keys, so that those of one version follow one another.
  for await (const { key, size, modifiedAt } of store.list(prefix)) {
    const slash = key.indexOf('/', prefix.length);
    if (slash < 0) continue;
    const version = key.slice(prefix.length, slash);
    if (found?.version !== version) {
      if (found) yield await versionWithNeeds(store, dataset, found);
      found = { version, files: 0, bytes: 0, begunAt: undefined, finishedAt: undefined, indexes: [] };
    }
    found.files += 1;
    found.bytes += size;
    const name = key.slice(slash + 1);
    if (name === 'job.json') found.begunAt = modifiedAt;
    else if (name === 'manifest.json') found.finishedAt = modifiedAt;
    else if (INDEX_MANIFEST.test(name)) found.indexes.push(key);
  }
  if (found) yield await versionWithNeeds(store, dataset, found);
}

type FoundVersion = Omit<VersionOnStorage, 'needs' | 'indexes'> & { indexes: string[] };

async function versionWithNeeds(
  store: ObjectStore,
  dataset: string,
  found: FoundVersion,
): Promise<VersionOnStorage> {
  const isUnfinished = found.begunAt !== undefined && found.finishedAt === undefined;
  return { ...found, needs: isUnfinished ? await needsOf(store, dataset, found.version) : [] };
}

/** Returns the versions from which an unfinished one carries rows, or takes vectors. */
async function needsOf(store: ObjectStore, dataset: string, version: string): Promise<string[]> {
  const { job: key } = versionLayout(dataset, version);
  // Another collection may be deleting it.
  if (!(await store.head(key))) return [];
  const { parent, reuse = [] } = await readJobRecord(store, key);
  const lenders = reuse.filter((lender) => lender.dataset === dataset).map((lender) => lender.version);
  return [...(parent === null ? [] : [parent]), ...lenders];
}
