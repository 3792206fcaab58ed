import type { PartFileRef } from '../../core/commit.js';
import type { IndexLayout } from '../../core/index/index-layout.js';
import { type ListedRows, listOf } from '../../core/listed-rows.js';
import type { PartFiles } from '../../core/version-parts.js';
import { sha256 } from '../files/hash.js';
import { readRowListFile, writeRowListFile } from '../parquet/row-list-file.js';
import type { ObjectStore } from '../store/object-store.js';
import { createOnce } from '../version/create-once.js';
import { readListedFile } from '../version/read-listed-file.js';

/** Writes the list of the live rows of some parts, under the hash of its bytes. */
export async function writeRowList(
  store: ObjectStore,
  layout: IndexLayout,
  parts: Iterable<PartFiles>,
): Promise<PartFileRef> {
  const bytes = writeRowListFile(listOf(parts), {});
  const hash = sha256(bytes);
  const key = layout.rowList(hash);
  await createOnce(store, key, bytes);
  return { key, sha256: hash, bytes: bytes.length };
}

/** Reads a list of rows. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED. */
export async function readRowList(store: ObjectStore, list: PartFileRef): Promise<Iterable<ListedRows>> {
  return readRowListFile(await readListedFile(store, list), `${store.root}/${list.key}`);
}
