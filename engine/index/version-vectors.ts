import { counted } from '../../core/counted.js';
import { normsOf, type ScoredPlace } from '../../core/index/score.js';
import { type LivePart, livePlaceOf, type PartFiles } from '../../core/version-parts.js';
import { readLiveVectors } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { indexError } from './index-errors.js';

/** The live rows of one part, decoded. */
export interface DecodedFile {
  rowKeys: BigUint64Array;
  chunkIds: readonly string[];
  /** Row-major `[rows, dimensions]`. */
  vectors: Float32Array;
  /** The norm of each row. */
  norms: Float64Array;
}

/** A row's vector, and the id by which it is ordered among rows of equal score. */
export interface PlaceOfChunk extends ScoredPlace {
  chunkId: string;
}

/** A source of the vectors by which candidates are scored. */
export interface VectorSource {
  /** Returns one place for each key, in the order of the keys, which must ascend. */
  places(keys: BigUint64Array): Promise<PlaceOfChunk[]>;
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
  readonly #kept = new Map<string, DecodedFile>();
  #keptBytes = 0;

  /** `keptBytes` is how much may be kept beside the file that was used last. */
  constructor(version: ReadableVersion, { keptBytes = KEPT_BYTES }: { keptBytes?: number } = {}) {
    this.#version = version;
    this.#maxKeptBytes = keptBytes;
  }

  /**
   * Returns the vectors of rows. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED;
   * INDEX_MISMATCH for a key that the version does not have.
   */
  async places(keys: BigUint64Array): Promise<PlaceOfChunk[]> {
    const { dimensions } = this.#version.manifest.signature;
    const places: PlaceOfChunk[] = [];
    let last = -1n;
    let part: LivePart | undefined;
    let decoded: DecodedFile | undefined;
    for (const key of keys) {
      if (key > last) {
        part = this.#version.parts.partOfKey(key);
        if (!part) throw this.#unknown(key);
        decoded = await this.read(part);
        last = BigInt(part.vectors.lastKey);
      }
      const { rowKeys, chunkIds, vectors, norms } = decoded!;
      const place = livePlaceOf(part!, key);
      if (place === undefined || rowKeys[place] !== key) throw this.#unknown(key);
      places.push({
        vectors,
        start: place * dimensions,
        norm: norms[place]!,
        chunkId: chunkIds[place]!,
      });
    }
    return places;
  }

  /** Returns the live rows of one of the version's parts. Errors: those of `places`. */
  async read(part: PartFiles): Promise<DecodedFile> {
    const own = part.vectors.key;
    const kept = this.#keptFile(own);
    if (kept) return kept;
    const decoded = await readVectors(this.#version, part);
    this.#kept.set(own, decoded);
    this.#keptBytes += decoded.vectors.byteLength;
    for (const [key, { vectors }] of this.#kept) {
      if (this.#keptBytes <= this.#maxKeptBytes || key === own) break;
      this.#kept.delete(key);
      this.#keptBytes -= vectors.byteLength;
    }
    return decoded;
  }

  #keptFile(key: string): DecodedFile | undefined {
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
 * Reads, checks and decodes the live rows of a part of the version. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function readVectors(
  { store, manifest }: Pick<ReadableVersion, 'store' | 'manifest'>,
  part: PartFiles,
): Promise<DecodedFile> {
  const { rowKeys, chunkIds, vectors, dimensions } = await readLiveVectors({ store }, part);
  if (dimensions === manifest.signature.dimensions)
    return { rowKeys, chunkIds, vectors, norms: normsOf(vectors, dimensions) };
  throw indexError(
    'FILE_DAMAGED',
    `its vectors have ${counted(dimensions, 'dimension')}, those of the version ${manifest.signature.dimensions}`,
    'Run `vectormill verify` on the version.',
    `${store.root}/${part.vectors.key}`,
  );
}
