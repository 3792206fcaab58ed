import { assertListedSize, ListedSizes } from '../version/listed-sizes.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Checks that the vector files of a version are there, with their sizes, because an index without
 * them can be built in part or whole, but not searched. They are listed in the order of the parts.
 * Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH.
 */
export async function assertVectorFiles({ store, location, parts }: ReadableVersion): Promise<void> {
  const listings = new Map<string, ListedSizes>();
  const { dataset, version } = location;
  const remedy = 'Restore the file, or make the version anew; `vectormill verify` lists what is missing.';
  for (const { vectors } of parts) {
    // The folder of a shard lies in that of all vectors of a version.
    const prefix = vectors.key.replace(/[^/]*\/[^/]*$/, '');
    const listing = listings.get(prefix) ?? new ListedSizes(store, prefix);
    listings.set(prefix, listing);
    assertListedSize(
      `${store.root}/${vectors.key}`,
      { listed: vectors.bytes, found: await listing.sizeOf(vectors.key) },
      { version: `${dataset}@${version}`, component: 'index', remedy },
    );
  }
}
