import { VectormillError } from '../../core/errors.js';
import type { ObjectStore } from '../store/object-store.js';

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
  let value: T;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch (cause) {
    throw recordDamaged(file, 'is not valid JSON', { cause });
  }
  if (!formatVersions.includes(value?.formatVersion)) {
    const read = formatVersions.join(' and ');
    const what = `has format version ${value?.formatVersion}; this vectormill reads ${read}`;
    const isNewer = value?.formatVersion > Math.max(...formatVersions);
    throw isNewer ? recordDamaged(file, what, { remedy: NEWER }) : recordDamaged(file, what);
  }
  return value;
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
