import { placeOf } from '../../core/version-parts.js';
import { mapConcurrently } from '../concurrency/map-concurrently.js';
import { readTextListFile } from '../parquet/text-list-file.js';
import { readTextColumns } from '../parquet/vector-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import { readAllPieces } from '../version/read-pieces.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { TextTable, TextTableBuilder } from './text-table.js';

/** The number of vector files that are in memory at once. */
const CONCURRENT_FILES = 2;

type Source = Pick<ReadableVersion, 'store' | 'manifest' | 'parts'>;

/**
 * Reads the texts that a version has: its list of texts or, where an earlier release made the
 * version, the texts that its vector files name. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function readTextTable(version: Source): Promise<TextTable> {
  const { manifest } = version;
  const pieces = manifest.formatVersion === 2 ? manifest.lists.corpus?.texts : undefined;
  if (!pieces) return readTextsOfParts(version);
  return new TextTable(await readAllPieces(version.store, pieces, readTextListFile));
}

/** Reads the texts that the vector files of some parts name in live rows. Errors: as above. */
export async function readTextsOfParts({
  store,
  parts,
}: Pick<Source, 'store' | 'parts'>): Promise<TextTable> {
  const builder = new TextTableBuilder();
  await mapConcurrently([...parts], CONCURRENT_FILES, async (part) => {
    const { key, start } = part.vectors;
    const bytes = await readListedFile(store, part.vectors);
    const { rowKeys, textSha256 } = readTextColumns(bytes, `${store.root}/${key}`);
    for (const [place, text] of textSha256.entries())
      if (placeOf(part, start + place) !== undefined) builder.add(text, rowKeys[place]!);
  });
  return builder.build();
}
