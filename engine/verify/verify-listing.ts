import { counted } from '../../core/counted.js';
import { indexesPrefix } from '../../core/index/index-layout.js';
import { versionLayout } from '../../core/layout.js';
import type { ListPiece, Manifest } from '../../core/manifest.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { checkedIndex, filesOfIndex } from './verify-derived.js';
import { addDifference, checkedRead, type VerifyReport } from './verify-report.js';

/** A file as a record lists it. */
interface ListedFile {
  key: string;
  bytes: number;
}

/**
 * Checks that every file of the manifest, and every graph of a published index, exists with its
 * size. Each version that holds files of this one is listed once. It reads no file but the indexes'
 * manifests.
 */
export async function verifyListing(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { parts, rejectFiles, manifest, store, location } = version;
  const sizes = new Map<string, number>();
  const origins = manifest.formatVersion === 2 ? manifest.origins : [];
  for (const origin of new Set([location.version, ...origins])) {
    const { prefix } = versionLayout(location.dataset, origin);
    for await (const { key, size } of store.list(`${prefix}/`)) sizes.set(key, size);
  }
  const files: ListedFile[] = [
    ...[...parts].flatMap(({ chunks, vectors }) => [chunks, vectors]),
    ...rejectFiles,
  ];
  for (const file of [...files, ...(await graphFiles(version, [...sizes.keys()], report))]) {
    const { key, bytes } = file;
    // A file of an earlier version is not in this version's listing.
    const size = sizes.get(key) ?? (await store.head(key))?.size;
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
    if (!key.startsWith(prefix) || !/^[^/]+\/manifest\.json$/.test(key.slice(prefix.length))) continue;
    const bytes = await checkedRead(version, key, () => store.get(key), report);
    const index = bytes && (await checkedIndex(version, { key, bytes }, report));
    if (index) files.push(...filesOfIndex(index));
  }
  return files;
}
