import { splitRowKey } from '../../core/ids.js';
import { normsOf, type ScoredPlace } from '../../core/index/score.js';
import type { VectorPartFile } from '../../core/part.js';
import { readVectorFile } from '../parquet/vector-file.js';
import { readListedFile } from '../steps/read-listed-file.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { indexError } from './index-errors.js';

/** The rows of one vector file, decoded. */
export interface DecodedFile {
  rowKeys: BigUint64Array;
  /** Row-major `[rows, dimensions]`. */
  vectors: Float32Array;
  /** Of each row. */
  norms: Float64Array;
}

/** Where scoring finds the vectors of candidates. */
export interface VectorSource {
  /** One place a key, in the keys' order. */
  places(keys: readonly bigint[]): Promise<ScoredPlace[]>;
}

/** Bytes of decoded vectors that are kept for the next query. */
const KEPT_BYTES = 1024 ** 3;

/** The vectors of a version by row key, read from its files as they are asked for; those used last are kept. */
export class VersionVectors implements VectorSource {
  readonly #version: ReadableVersion;
  readonly #kept = new Map<string, DecodedFile>();
  #keptBytes = 0;

  constructor(version: ReadableVersion) {
    this.#version = version;
  }

  /** Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED; INDEX_MISMATCH for a key that the version has not. */
  async places(keys: readonly bigint[]): Promise<ScoredPlace[]> {
    const { dimensions } = this.#version.manifest.signature;
    const places = new Array<ScoredPlace>(keys.length);
    const byFile = new Map<VectorPartFile, number[]>();
    for (const [index, key] of keys.entries()) {
      const file = this.#fileOf(key);
      byFile.set(file, [...(byFile.get(file) ?? []), index]);
    }
    for (const [file, indexes] of byFile) {
      const { rowKeys, vectors, norms } = await this.read(file);
      for (const index of indexes) {
        const row = splitRowKey(keys[index]!).row - file.start;
        if (rowKeys[row] !== keys[index]) throw this.#unknown(keys[index]!);
        places[index] = { vectors, start: row * dimensions, norm: norms[row]! };
      }
    }
    return places;
  }

  /** The rows of one of the version's files. Errors: as of `places`. */
  async read(file: VectorPartFile): Promise<DecodedFile> {
    const kept = this.#kept.get(file.key);
    if (kept) {
      // A map keeps the order of insertion, so that the first is the one used longest ago.
      this.#kept.delete(file.key);
      this.#kept.set(file.key, kept);
      return kept;
    }
    const decoded = await readVectors(this.#version, file);
    this.#kept.set(file.key, decoded);
    this.#keptBytes += decoded.vectors.byteLength;
    for (const [key, { vectors }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES || key === file.key) break;
      this.#kept.delete(key);
      this.#keptBytes -= vectors.byteLength;
    }
    return decoded;
  }

  #fileOf(key: bigint): VectorPartFile {
    const { vectorFiles } = this.#version.manifest;
    let from = 0;
    let to = vectorFiles.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (BigInt(vectorFiles[middle]!.lastKey) < key) from = middle + 1;
      else to = middle;
    }
    const file = vectorFiles[from];
    if (file && BigInt(file.firstKey) <= key && key <= BigInt(file.lastKey)) return file;
    throw this.#unknown(key);
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

/** A vector file of the version, checked and decoded. Errors: OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED. */
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
    `its vectors have ${dimensions} dimensions, those of the version ${manifest.signature.dimensions}`,
    'Run `vectormill verify` on the version.',
    `${store.root}/${file.key}`,
  );
}
