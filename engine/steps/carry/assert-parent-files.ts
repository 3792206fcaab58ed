import { assertListedSize, ListedSizes } from '../../version/listed-sizes.js';
import { originsOf } from '../../version/manifest-origins.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { listedParts } from './listed-parts.js';

/**
 * Checks that the files that the parent lists are there, with their sizes, before any of their rows
 * is carried over. Files are listed in the order of the parent's list, so that memory holds one
 * entry for each version that holds some. Their bytes are not read. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function assertParentFiles(version: OpenVersion, { manifest }: CarriedCorpus): Promise<void> {
  const { store } = version;
  const origins = originsOf(store, manifest);
  const chunkSizes = origins.layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/chunks/`));
  const vectorSizes = origins.layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/vectors/`));
  const check = async (key: string, listed: number, sizes: ListedSizes) =>
    assertListedSize(`${store.root}/${key}`, { listed, found: await sizes.sizeOf(key) }, LISTED_BY_PARENT);
  for await (const { part, vectors } of listedParts(version, manifest)) {
    const { shard, start, end } = part;
    const chunkKey = origins.layoutOf(part.origin).chunkPart(shard, start, end);
    await check(chunkKey, part.bytes, chunkSizes[part.origin]!);
    const vectorKey = origins.layoutOf(vectors.origin).vectorPart(shard, start, end);
    await check(vectorKey, vectors.bytes, vectorSizes[vectors.origin]!);
  }
}

const LISTED_BY_PARENT = {
  version: 'the parent of this version',
  component: 'carry',
  remedy: 'Restore the file, or start another version with `parent: none`, which embeds everything.',
};
