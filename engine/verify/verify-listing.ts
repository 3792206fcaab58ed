import { counted } from '../../core/counted.js';
import { indexesPrefix, indexLayout } from '../../core/index/index-layout.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { versionLayout } from '../../core/layout.js';
import type { ListPiece, Manifest } from '../../core/manifest.js';
import { manifestHash } from '../index/open-index.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { addDifference, checkedRecord, type VerifyReport } from './verify-report.js';

/** A file as a record lists it. */
interface ListedFile {
  key: string;
  bytes: number;
}

/**
 * Checks by one listing of the version that every file of the manifest, and every graph of a
 * published index, exists with its size. It reads no file but the indexes' manifests.
 */
export async function verifyListing(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { parts, rejectFiles, manifest, store, location } = version;
  const sizes = new Map<string, number>();
  const { prefix } = versionLayout(location.dataset, location.version);
  for await (const { key, size } of store.list(`${prefix}/`)) sizes.set(key, size);
  const files: ListedFile[] = [
    ...[...parts].flatMap(({ chunks, vectors }) => [chunks, vectors]),
    ...rejectFiles,
  ];
  for (const file of [...files, ...(await graphFiles(version, [...sizes.keys()], report))]) {
    const { key, bytes } = file;
    const size = sizes.get(key);
    if (size === undefined) {
      addDifference(report, `${store.root}/${key}`, 'is missing');
      continue;
    }
    report.files += 1;
    report.bytes += size;
    if (size !== bytes)
      addDifference(report, `${store.root}/${key}`, `has ${counted(size, 'byte')}; ${bytes} are listed`);
  }
  for (const { key, bytes } of listsOf(manifest))
    if (sizes.get(key) !== bytes)
      addDifference(report, `${store.root}/${key}`, 'is not the list that is referred to');
  report.chunks = parts.rows;
}

/** Returns the lists of the corpus. The other lists were read when the version was opened. */
function listsOf(manifest: Manifest): readonly ListPiece[] {
  const corpus = manifest.formatVersion === 2 ? manifest.lists.corpus : undefined;
  return corpus ? [...corpus.slices, ...corpus.documents, ...(corpus.texts ?? [])] : [];
}

/**
 * Returns the graphs of the published indexes among the keys of a version, and notes an index that
 * belongs to another version.
 */
async function graphFiles(
  version: ReadableVersion,
  keys: readonly string[],
  report: VerifyReport,
): Promise<ListedFile[]> {
  const { store, location } = version;
  const prefix = indexesPrefix(location.dataset, location.version);
  const files: ListedFile[] = [];
  for (const key of keys) {
    const name = /^([^/]+)\/manifest\.json$/.exec(
      key.startsWith(prefix) ? key.slice(prefix.length) : '',
    )?.[1];
    if (name === undefined) continue;
    const index = await checkedRecord<IndexManifest>(version, key, 1, report);
    if (!index) continue;
    if (index.source?.manifestSha256 !== (await manifestHash(version)) || !Array.isArray(index.shards)) {
      addDifference(report, `${store.root}/${key}`, 'is of another version, or of another manifest of it');
      continue;
    }
    const { shard } = indexLayout(location.dataset, location.version, name);
    files.push(...index.shards.map(({ content, bytes }) => ({ key: shard(content), bytes })));
  }
  return files;
}
