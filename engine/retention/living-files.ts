import { versionLayout } from '../../core/layout.js';
import type { ListPiece, Manifest, ManifestLists } from '../../core/manifest.js';
import { parseIndexManifest } from '../index/read-index-manifest.js';
import { readFileListFile } from '../parquet/file-list-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { readManifest, readVersionFiles } from '../version/read-manifest.js';
import { readPieces } from '../version/read-pieces.js';
import { KeyHashes } from './key-hashes.js';
import type { VersionOnStorage } from './stored-versions.js';

/**
 * Returns the files of versions that are deleted, or are to be, which other versions list: their
 * parts and rejects, the graphs of their indexes, and the lists of all these. Errors:
 * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED for a version that is not to be deleted.
 */
export async function livingFiles(
  store: ObjectStore,
  dataset: string,
  { living, deleted }: { living: readonly VersionOnStorage[]; deleted: readonly string[] },
): Promise<KeyHashes> {
  const prefixes = deleted.map((version) => `${versionLayout(dataset, version).prefix}/`);
  const files = new KeyHashes();
  const add = (key: string) => {
    if (prefixes.some((prefix) => key.startsWith(prefix))) files.add(key);
  };
  if (deleted.length === 0) return files;
  for (const { version, finishedAt, indexes } of living) {
    if (finishedAt !== undefined) {
      const manifest = await readManifest(store, versionLayout(dataset, version).manifest);
      await addFiles(store, manifest, deleted, add);
    }
    for (const key of indexes) await addGraphs(store, key, add);
  }
  return files;
}

async function addFiles(
  store: ObjectStore,
  manifest: Manifest,
  deleted: readonly string[],
  add: (key: string) => void,
): Promise<void> {
  // A manifest of the first format does not say in which versions its files lie.
  const mayListParts =
    manifest.formatVersion === 1 || manifest.origins.some((origin) => deleted.includes(origin));
  if (mayListParts) {
    const { parts, rejectFiles } = await readVersionFiles(store, manifest);
    for (const { chunks, vectors } of parts) {
      add(chunks.key);
      add(vectors.key);
    }
    for (const { key } of rejectFiles) add(key);
  }
  if (manifest.formatVersion === 1) return;
  for (const { key } of piecesOf(manifest.lists)) add(key);
  // The origins are those of parts. A version may list rejects of others.
  if (!mayListParts)
    for await (const files of readPieces(store, manifest.lists.rejects, readFileListFile))
      for (const { key } of files) add(key);
}

function piecesOf({ parts, outputs, rejects, corpus }: ManifestLists): ListPiece[] {
  const { slices = [], documents = [], texts = [], repeats = [] } = corpus ?? {};
  const vectors = Object.values(outputs).flatMap(({ pieces }) => pieces);
  return [parts, vectors, rejects, slices, documents, texts, repeats].flat();
}

async function addGraphs(store: ObjectStore, key: string, add: (key: string) => void): Promise<void> {
  const { shards, delta, gateQueries } = parseIndexManifest(await store.get(key), key, store);
  for (const shard of shards) {
    add(shard.key);
    if (shard.rowList) add(shard.rowList.key);
  }
  if (delta) add(delta.rowList.key);
  if (gateQueries) add(gateQueries.key);
}
