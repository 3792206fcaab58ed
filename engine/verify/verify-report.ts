import type { PartFileRef } from '../../core/commit.js';
import { counted } from '../../core/counted.js';
import { isVectormillError } from '../../core/errors.js';
import { versionLayout } from '../../core/layout.js';
import { sha256 } from '../files/hash.js';
import { readJsonRecord } from '../version/read-json-record.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/** One way in which a version is not what its manifest says. */
export interface Difference {
  /** The URI of the file, or of the manifest for differences between records. */
  file: string;
  what: string;
}

/** The counts and findings of a check. */
export interface VerifyReport {
  files: number;
  chunks: number;
  bytes: number;
  /**
   * The lowest cosine between the manifest's probe vectors and the recomputed ones; undefined
   * without a model.
   */
  probeCosine?: number;
  differences: Difference[];
}

/** Notes a difference. */
export function addDifference(report: VerifyReport, file: string, what: string): void {
  report.differences.push({ file, what });
}

/**
 * Returns a listed file's bytes if they are the listed ones, and otherwise notes the difference.
 * The file is counted.
 */
export async function checkedBytes(
  version: ReadableVersion,
  part: PartFileRef,
  report: VerifyReport,
): Promise<Uint8Array | undefined> {
  const bytes = await checkedListBytes(version, part, report);
  if (!bytes) return undefined;
  report.files += 1;
  report.bytes += bytes.length;
  return bytes;
}

/** Does the same for a list of the manifest, which is not counted. */
export async function checkedListBytes(
  { store }: ReadableVersion,
  part: PartFileRef,
  report: VerifyReport,
): Promise<Uint8Array | undefined> {
  const file = `${store.root}/${part.key}`;
  if (!(await store.head(part.key))) {
    addDifference(report, file, 'is missing');
    return undefined;
  }
  const bytes = await store.get(part.key);
  if (bytes.length === part.bytes && sha256(bytes) === part.sha256) return bytes;
  addDifference(
    report,
    file,
    `has ${counted(bytes.length, 'byte')} and another sha256 than the ${counted(part.bytes, 'byte')} listed`,
  );
  return undefined;
}

/**
 * Returns a JSON record of a format version. Notes the difference if it is missing or is not such a
 * record.
 */
export async function checkedRecord<T extends { formatVersion: number }>(
  version: Pick<ReadableVersion, 'store'>,
  key: string,
  formatVersion: T['formatVersion'],
  report: VerifyReport,
): Promise<T | undefined> {
  return checkedRead(version, key, () => readJsonRecord<T>(version.store, key, formatVersion), report);
}

/** Returns what `read` makes of a record. Notes the difference if it is missing or damaged. */
export async function checkedRead<T>(
  { store }: Pick<ReadableVersion, 'store'>,
  key: string,
  read: () => Promise<T>,
  report: VerifyReport,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isVectormillError(error)) throw error;
    const file = `${store.root}/${key}`;
    if (error.code === 'OBJECT_NOT_FOUND') addDifference(report, file, 'is missing');
    else if (error.code === 'FILE_DAMAGED')
      addDifference(report, file, error.message.replace(`${file} `, ''));
    else throw error;
    return undefined;
  }
}

/** Returns the URI of a version's manifest. */
export function manifestFile({ store, location }: ReadableVersion): string {
  return `${store.root}/${versionLayout(location.dataset, location.version).manifest}`;
}
