import { counted } from '../../core/counted.js';
import { splitRowKey } from '../../core/ids.js';
import { normsOf, type ScoredPlace } from '../../core/index/score.js';
import type { VectorPartFile } from '../../core/part.js';
import { RowNumbers } from '../../core/row-numbers.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readListedFile } from '../version/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { indexError } from './index-errors.js';

/** The decoded rows of one vector file. */
export interface DecodedFile {
  rowKeys: BigUint64Array;
  /** Row-major `[rows, dimensions]`. */
  vectors: Float32Array;
  /** The norm of each row. */
  norms: Float64Array;
}

/** A source of the vectors by which candidates are scored. */
export interface VectorSource {
  /** Returns one place for each key, in the order of the keys, which must ascend. */
  places(keys: BigUint64Array): Promise<ScoredPlace[]>;
}

/** By default, this many bytes of decoded vectors are kept for the next query. */
const KEPT_BYTES = 1024 ** 3;

/**
 * The vectors of a version by row key. Files are read when their rows are needed, and those that
 * were used last are kept.
 */
export class VersionVectors implements VectorSource {
  readonly #version: ReadableVersion;
  readonly #maxKeptBytes: number;
  readonly #numbers: RowNumbers<VectorPartFile>;
  readonly #kept = new Map<string, DecodedFile>();
  #keptBytes = 0;

  /** `keptBytes` is how much may be kept beside the file that was used last. */
  constructor(version: ReadableVersion, { keptBytes = KEPT_BYTES }: { keptBytes?: number } = {}) {
    this.#version = version;
    this.#maxKeptBytes = keptBytes;
    this.#numbers = new RowNumbers(version.manifest.vectorFiles);
  }

  /**
   * Returns the vectors of rows. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED;
   * INDEX_MISMATCH for a key that the version does not have.
   */
  async places(keys: BigUint64Array): Promise<ScoredPlace[]> {
    const { dimensions } = this.#version.manifest.signature;
    const places: ScoredPlace[] = [];
    let last = -1n;
    let firstRow = 0;
    let decoded: DecodedFile | undefined;
    for (const key of keys) {
      if (key > last) {
        const file = this.#numbers.fileOfKey(key);
        if (!file || key > BigInt(file.lastKey)) throw this.#unknown(key);
        decoded = this.#keptFile(file) ?? (await this.read(file));
        last = BigInt(file.lastKey);
        firstRow = file.start;
      }
      const { rowKeys, vectors, norms } = decoded!;
      const row = splitRowKey(key).row - firstRow;
      if (rowKeys[row] !== key) throw this.#unknown(key);
      places.push({ vectors, start: row * dimensions, norm: norms[row]! });
    }
    return places;
  }

  /** Returns the rows of one of the version's files. Errors: those of `places`. */
  async read(file: VectorPartFile): Promise<DecodedFile> {
    const kept = this.#keptFile(file);
    if (kept) return kept;
    const decoded = await readVectors(this.#version, file);
    this.#kept.set(file.key, decoded);
    this.#keptBytes += decoded.vectors.byteLength;
    for (const [key, { vectors }] of this.#kept) {
      if (this.#keptBytes <= this.#maxKeptBytes || key === file.key) break;
      this.#kept.delete(key);
      this.#keptBytes -= vectors.byteLength;
    }
    return decoded;
  }

  #keptFile({ key }: VectorPartFile): DecodedFile | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    // A map keeps the order of insertion, so that the first entry is the one that was used longest
    // ago.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  #unknown(key: bigint): Error {
    const { dataset, version } = this.#version.location;
    return indexError(
      'INDEX_MISMATCH',
      `the index holds the row ${key}, which ${dataset}@${version} does not have`,
      'Build the index anew under another name.',
    );
  }
}

/**
 * Reads, checks and decodes a vector file of the version. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function readVectors(
  { store, manifest }: ReadableVersion,
  file: VectorPartFile,
): Promise<DecodedFile> {
  const { rowKeys, vectors, dimensions } = readVectorFile(
    await readListedFile(store, file),
    `${store.root}/${file.key}`,
  );
  if (dimensions === manifest.signature.dimensions)
    return { rowKeys, vectors, norms: normsOf(vectors, dimensions) };
  throw indexError(
    'FILE_DAMAGED',
    `its vectors have ${counted(dimensions, 'dimension')}, those of the version ${manifest.signature.dimensions}`,
    'Run `vectormill verify` on the version.',
    `${store.root}/${file.key}`,
  );
}
