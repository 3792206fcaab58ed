import { VectormillError } from '../../core/errors.js';
import type { JobRecord, VersionLocation } from '../../core/job-spec.js';
import { versionLayout } from '../../core/layout.js';
import type { Manifest } from '../../core/manifest.js';
import type { ObjectStore } from '../store/object-store.js';
import { readJobRecord } from './read-job.js';
import { readManifest, readVersionFiles, type VersionFiles } from './read-manifest.js';
import { readRef } from './read-ref.js';

/** A readable version, found as every reader must find it: ref → manifest → files. */
export interface ReadableVersion extends VersionFiles {
  store: ObjectStore;
  location: VersionLocation;
  job: JobRecord;
  manifest: Manifest;
}

/** Parses `dataset`, `dataset@ref` or `dataset@version`. */
export function parseDatasetName(text: string): { dataset: string; selector: string } {
  const at = text.indexOf('@');
  return at < 0
    ? { dataset: text, selector: 'current' }
    : { dataset: text.slice(0, at), selector: text.slice(at + 1) };
}

/**
 * Opens a version by ref or by name. A ref has precedence if both exist.
 * Errors: DATASET_NOT_FOUND, VERSION_NOT_FOUND (also for a version without a manifest, which is not
 * readable yet).
 */
export async function resolveVersion(
  store: ObjectStore,
  name: { dataset: string; selector: string },
): Promise<ReadableVersion> {
  const { dataset, selector } = name;
  const ref = await readRef(store, dataset, selector);
  return openReadableVersion(store, dataset, ref?.version ?? selector);
}

/**
 * Opens a version by its own name, whatever refs are called. Errors: DATASET_NOT_FOUND,
 * VERSION_NOT_FOUND.
 */
export async function openReadableVersion(
  store: ObjectStore,
  dataset: string,
  version: string,
): Promise<ReadableVersion> {
  const layout = versionLayout(dataset, version);
  if (!(await store.head(layout.manifest))) throw await notFound(store, dataset, version);
  const manifest = await readManifest(store, layout.manifest);
  return {
    store,
    location: { output: store.root, dataset, version },
    job: await readJobRecord(store, layout.job),
    manifest,
    ...(await readVersionFiles(store, manifest)),
  };
}

/** Lists the names of a dataset's versions, readable or not, in order. */
export async function listVersions(store: ObjectStore, dataset: string): Promise<string[]> {
  const versions = new Set<string>();
  const prefix = `${dataset}/versions/`;
  for await (const { key } of store.list(prefix)) {
    const name = key.slice(prefix.length).split('/')[0];
    if (name) versions.add(name);
  }
  return [...versions];
}

async function notFound(store: ObjectStore, dataset: string, version: string): Promise<VectormillError> {
  const versions = await listVersions(store, dataset);
  if (versions.length === 0) {
    return new VectormillError('DATASET_NOT_FOUND', `there is no dataset ${dataset} under ${store.root}`, {
      component: 'version',
      file: `${store.root}/${dataset}`,
      remedy: 'Check --output and the name; `vectormill run` makes a dataset.',
    });
  }
  const started = versions.includes(version);
  return new VectormillError(
    'VERSION_NOT_FOUND',
    started ? `${dataset}@${version} has no manifest yet` : `${dataset} has no ref or version ${version}`,
    {
      component: 'version',
      file: `${store.root}/${dataset}/versions/${version}`,
      remedy: started
        ? 'Let its job finish, or run it again to resume it.'
        : `Versions there: ${versions.slice(0, 20).join(', ')}.`,
    },
  );
}
