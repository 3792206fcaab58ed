import { versionLayout } from '../../../core/layout.js';
import type { SecondManifest } from '../../../core/manifest.js';
import { type ListedPart, readPartListFile } from '../../parquet/part-list-file.js';
import { type ListedVectors, readVectorListFile } from '../../parquet/vector-list-file.js';
import type { OpenVersion } from '../../version/open-version.js';
import { recordDamaged } from '../../version/read-json-record.js';
import { listEntries } from './list-entries.js';

/** A part of the parent as its lists say it. */
export interface ListedPartFiles {
  part: ListedPart;
  vectors: ListedVectors;
}

/**
 * Yields the parts that the parent lists, a piece of its lists in memory at a time. Errors:
 * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function* listedParts(
  version: OpenVersion,
  { dataset, version: parent, lists }: SecondManifest,
): AsyncGenerator<ListedPartFiles> {
  const vectorFiles = listEntries(version, lists.outputs.dense.pieces, readVectorListFile);
  for await (const part of listEntries(version, lists.parts, readPartListFile)) {
    const vectors = (await vectorFiles.next()).value;
    if (!vectors) {
      const file = `${version.store.root}/${versionLayout(dataset, parent).manifest}`;
      throw recordDamaged(file, 'lists more parts than vector files');
    }
    yield { part, vectors };
  }
}
