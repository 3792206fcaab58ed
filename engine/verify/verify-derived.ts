import type { PartFileRef } from '../../core/commit.js';
import { counted } from '../../core/counted.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import { versionLayout } from '../../core/layout.js';
import { sha256OfPieces } from '../files/hash.js';
import { manifestHash } from '../index/open-index.js';
import { parseIndexManifest } from '../index/read-index-manifest.js';
import { parseAnyRecord, readJsonRecord } from '../version/read-json-record.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { addDifference, checkedRead, type VerifyReport } from './verify-report.js';

/** The files that the manifest of a set of triplets lists. */
interface TripletFiles {
  formatVersion: 1;
  report: PartFileRef;
  leftOut: PartFileRef | null;
  files: readonly PartFileRef[];
}

/**
 * Checks what was made of a version and lies in its folder: the files of each published index and
 * of each set of triplets, and every record there. Memory holds one piece of a file.
 */
export async function verifyDerived(version: ReadableVersion, report: VerifyReport): Promise<void> {
  const { store, location } = version;
  const { prefix } = versionLayout(location.dataset, location.version);
  const known = new Set(report.differences.map(({ file }) => file));
  const files = new Map<string, PartFileRef>();
  for await (const { key } of store.list(`${prefix}/`)) {
    if (!key.endsWith('.json') || known.has(`${store.root}/${key}`)) continue;
    const bytes = await checkedRead(version, key, () => store.get(key), report);
    if (!bytes) continue;
    const read = async () => parseAnyRecord(bytes, `${store.root}/${key}`);
    if (!(await checkedRead(version, key, read, report))) continue;
    const folder = key.slice(prefix.length + 1);
    if (/^index\/[^/]+\/manifest\.json$/.test(folder)) {
      const index = await checkedIndex(version, { key, bytes }, report);
      for (const file of index ? filesOfIndex(index) : []) files.set(file.key, file);
    }
    if (/^triplets\/[^/]+\/manifest\.json$/.test(folder)) {
      for (const file of await filesOfTriplets(version, key, report)) files.set(file.key, file);
    }
  }
  for (const file of files.values()) await verifyFile(version, file, report);
}

/**
 * Returns the manifest of an index, if it is one and belongs to the version. Otherwise the
 * difference is noted.
 */
export async function checkedIndex(
  version: ReadableVersion,
  { key, bytes }: { key: string; bytes: Uint8Array },
  report: VerifyReport,
): Promise<IndexManifest | undefined> {
  const { store } = version;
  const index = await checkedRead(version, key, async () => parseIndexManifest(bytes, key, store), report);
  if (!index) return undefined;
  if (index.source?.manifestSha256 === (await manifestHash(version)) && Array.isArray(index.shards))
    return index;
  addDifference(report, `${store.root}/${key}`, 'is of another version, or of another manifest of it');
  return undefined;
}

/** Returns the files that the manifest of an index lists. */
export function filesOfIndex({ shards, delta, gateQueries }: IndexManifest): PartFileRef[] {
  const lists = [...shards.map(({ rowList }) => rowList), delta?.rowList, gateQueries];
  return [...shards, ...lists.filter((list) => list !== null && list !== undefined)];
}

async function filesOfTriplets(
  version: ReadableVersion,
  key: string,
  report: VerifyReport,
): Promise<PartFileRef[]> {
  const { store } = version;
  const read = () => readJsonRecord<TripletFiles>(store, key, 1);
  const triplets = await checkedRead(version, key, read, report);
  if (!triplets) return [];
  if (triplets.report && Array.isArray(triplets.files))
    return [triplets.report, ...triplets.files, ...(triplets.leftOut ? [triplets.leftOut] : [])];
  addDifference(report, `${store.root}/${key}`, 'lists no files');
  return [];
}

async function verifyFile(
  { store }: ReadableVersion,
  { key, bytes, sha256 }: PartFileRef,
  report: VerifyReport,
): Promise<void> {
  const file = `${store.root}/${key}`;
  const info = await store.head(key);
  if (!info) {
    addDifference(report, file, 'is missing');
    return;
  }
  report.files += 1;
  report.bytes += info.size;
  if (info.size !== bytes || (await sha256OfPieces(store.stream(key))) !== sha256)
    addDifference(
      report,
      file,
      `has ${counted(info.size, 'byte')} and another sha256 than the ${counted(bytes, 'byte')} listed`,
    );
}
