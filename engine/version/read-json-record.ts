import { VectormillError } from '../../core/errors.js';
import type { ObjectStore } from '../store/object-store.js';
import { unsealed } from './sealed-record.js';

/**
 * Reads a JSON record of the given format version. Errors: OBJECT_NOT_FOUND; FILE_DAMAGED for bytes
 * that are not such a record.
 */
export async function readJsonRecord<T extends { formatVersion: number }>(
  store: ObjectStore,
  key: string,
  formatVersion: T['formatVersion'],
): Promise<T> {
  return parseRecord<T>(await store.get(key), formatVersion, `${store.root}/${key}`);
}

/**
 * Parses bytes that were already read as a record of the given format version. Errors:
 * FILE_DAMAGED.
 */
export function parseRecord<T extends { formatVersion: number }>(
  bytes: Uint8Array,
  formatVersion: T['formatVersion'],
  file: string,
): T {
  return parseRecordOf<T>(bytes, [formatVersion], file);
}

/**
 * Parses bytes that were already read as a record of one of the given format versions. Errors:
 * FILE_DAMAGED.
 */
export function parseRecordOf<T extends { formatVersion: number }>(
  bytes: Uint8Array,
  formatVersions: readonly T['formatVersion'][],
  file: string,
): T {
  const value = parseAnyRecord(bytes, file) as T;
  if (formatVersions.includes(value.formatVersion)) return value;
  const read = formatVersions.join(' and ');
  const what = `has format version ${value.formatVersion}; this vectormill reads ${read}`;
  const isNewer = value.formatVersion > Math.max(...formatVersions);
  throw isNewer ? recordDamaged(file, what, { remedy: NEWER }) : recordDamaged(file, what);
}

/**
 * Parses bytes as a record of whatever kind, and holds them to their checksum. Errors:
 * FILE_DAMAGED.
 */
export function parseAnyRecord(bytes: Uint8Array, file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw recordDamaged(file, 'is not valid JSON', { cause });
  }
  if (typeof value !== 'object' || value === null) throw recordDamaged(file, 'is not a record');
  const record = unsealed(value, bytes);
  if (!record) throw recordDamaged(file, 'is not what was written: its checksum is another');
  return record;
}

const NEWER = 'A newer release wrote it; read it with that release or a later one.';

/** Returns the error for a record of ours that is not sound. `what` completes "<file> …". */
export function recordDamaged(
  file: string,
  what: string,
  {
    cause,
    remedy = 'Restore the file from a copy, or make a new version; records are never edited in place.',
  }: { cause?: unknown; remedy?: string } = {},
): VectormillError {
  return new VectormillError('FILE_DAMAGED', `${file} ${what}`, {
    component: 'version',
    file,
    cause,
    remedy,
  });
}
