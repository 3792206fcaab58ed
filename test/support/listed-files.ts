import { versionLayout } from '../../core/layout.js';
import type { FirstManifest, Manifest } from '../../core/manifest.js';
import type { ObjectStore } from '../../engine/store/object-store.js';
import { encodeJson } from '../../engine/version/create-once.js';
import { readManifest, readVersionFiles } from '../../engine/version/read-manifest.js';

type ListedFiles = Pick<FirstManifest, 'chunkFiles' | 'vectorFiles' | 'rejectFiles'>;

/** Returns the files that a manifest of either format lists, in the order of the row keys. */
export async function listedFiles(store: ObjectStore, manifest: Manifest): Promise<ListedFiles> {
  const { parts, rejectFiles } = await readVersionFiles(store, manifest);
  const listed = [...parts];
  return {
    chunkFiles: listed.map(({ chunks }) => chunks),
    vectorFiles: listed.map(({ vectors }) => vectors),
    rejectFiles,
  };
}

/** Makes a version look as a release wrote it that knew the first format of manifests only. */
export async function writeFirstManifest(
  store: ObjectStore,
  { dataset, version }: { dataset: string; version: string },
): Promise<FirstManifest> {
  const layout = versionLayout(dataset, version);
  const manifest = await readManifest(store, layout.manifest);
  if (manifest.formatVersion === 1) return manifest;
  const { lists, origins: _, nextShard: __, ...fields } = manifest;
  const first: FirstManifest = {
    ...fields,
    formatVersion: 1,
    ...(await listedFiles(store, manifest)),
  };
  await store.put(layout.manifest, encodeJson(first));
  for (const { key } of [...lists.parts, ...lists.outputs.dense.pieces, ...lists.rejects])
    await store.delete(key);
  return first;
}
