import type { Table } from 'apache-arrow';
import { VectormillError } from '../core/errors.js';
import { storeCache } from '../engine/store/store-cache.js';
import { parseDatasetPlace } from '../engine/version/dataset-place.js';
import { resolveVersion } from '../engine/version/resolve-version.js';
import { OpenedResources } from './opened-resources.js';
import type { Hit, SearchOptions } from './search-types.js';
import { searchVersion } from './search-version.js';
import { vectorTables } from './vector-tables.js';

/** One readable version of a dataset. */
export interface Dataset {
  readonly dataset: string;
  /** The version to which the ref led when the dataset was opened. It never changes. */
  readonly version: string;
  /** The name of the model that made the vectors. */
  readonly model: string;
  /** The SHA-256, in hex, of what fixes the vector space. */
  readonly fingerprint: string;
  /** The number of numbers in a vector. */
  readonly dimensions: number;
  readonly documents: number;
  readonly chunks: number;
  /**
   * Finds the chunks that answer a query, best first. The model, the words and the index are opened
   * by the first search that needs them, and kept until `close`. Errors: USAGE for options that
   * cannot be met; MODEL_NOT_FOUND and FINGERPRINT_MISMATCH where this machine does not have the
   * model of the version; INDEX_NOT_FOUND, INDEX_MISMATCH; OBJECT_NOT_FOUND, CHECKSUM_MISMATCH and
   * FILE_DAMAGED for the files of the version.
   */
  search(query: string, options?: SearchOptions): Promise<Hit[]>;
  /**
   * Reads all vectors, one Arrow table for each file of the version, in the order of `row_key`. The
   * columns are `row_key` (uint64), `chunk_id`, `doc_id`, `text_sha256` (utf8) and `vector`, a
   * FixedSizeList of `dimensions` float32. Vectors that are stored in fewer bits are read as the
   * numbers that they stand for. One file is in memory at a time. Errors: OBJECT_NOT_FOUND,
   * CHECKSUM_MISMATCH, FILE_DAMAGED.
   */
  readVectors(): AsyncGenerator<Table, void, undefined>;
  /** Gives back what searches have opened. A closed dataset can be used no longer. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a dataset for reading. `place` is its root and name, `./out/docs` or
 * `s3://bucket/prefix/docs`, which may end with a ref or a version, as in `./out/docs@v1`; without
 * one, the ref `current` is taken. Errors: USAGE for another kind of name; DATASET_NOT_FOUND,
 * VERSION_NOT_FOUND; STORE_DENIED, STORE_UNAVAILABLE.
 */
export async function openDataset(place: string): Promise<Dataset> {
  const { root, ...named } = parseDatasetPlace(place);
  if (root === undefined)
    throw new VectormillError('USAGE', `${JSON.stringify(place)} does not say where the dataset lies`, {
      component: 'api',
      remedy: `Name the whole place: ./out/${named.dataset}, or s3://bucket/prefix/${named.dataset}.`,
    });
  const stores = storeCache();
  const opened = new OpenedResources(`the dataset ${place}`);
  try {
    const version = await resolveVersion(stores.open(root), named);
    const { manifest, location } = version;
    const close = async () => {
      await opened.close();
      await stores.close();
    };
    return {
      dataset: location.dataset,
      version: location.version,
      model: manifest.signature.name,
      fingerprint: manifest.fingerprint,
      dimensions: manifest.signature.dimensions,
      documents: manifest.totals.documents,
      chunks: manifest.totals.chunks,
      search: async (query, options = {}) => searchVersion(version, opened, { query, ...options }),
      readVectors: () => vectorTables(version, opened),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
