import type { PartFileRef } from '../../core/commit.js';
import { VectormillError } from '../../core/errors.js';
import { sha256 } from '../files/hash.js';
import type { ObjectStore } from '../store/object-store.js';

/**
 * Reads a file that a record lists, if its bytes are the listed ones. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH.
 */
export async function readListedFile(store: ObjectStore, listed: PartFileRef): Promise<Uint8Array> {
  const bytes = await store.get(listed.key);
  if (sha256(bytes) === listed.sha256) return bytes;
  const file = `${store.root}/${listed.key}`;
  throw new VectormillError('CHECKSUM_MISMATCH', `${file} is not the file that was written`, {
    component: 'steps',
    file,
    remedy: 'Restore the file, or give the job a new `version`.',
  });
}
