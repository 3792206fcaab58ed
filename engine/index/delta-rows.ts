import { counted } from '../../core/counted.js';
import type { IndexManifest } from '../../core/index/index-manifest.js';
import type { HnswParameters } from '../../core/index/index-options.js';
import type { Neighbour } from '../../core/index/neighbour.js';
import { rowsInVersion } from '../../core/listed-rows.js';
import type { LivePart, VersionParts } from '../../core/version-parts.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { searchExactly } from './exact-search.js';
import { indexError } from './index-errors.js';
import { IndexWorker } from './index-worker.js';
import { readRowList } from './listed-rows.js';
import { type DecodedFile, readVectors } from './version-vectors.js';

/** Rows of a version that are in no graph, so that every query is compared with all of them. */
export class DeltaRows {
  readonly #version: ReadableVersion;
  readonly #parts: VersionParts;
  readonly #decoded = new Map<string, DecodedFile>();
  #worker: IndexWorker | undefined;

  constructor(version: ReadableVersion, parts: VersionParts) {
    this.#version = version;
    this.#parts = parts;
  }

  get rows(): number {
    return this.#parts.rows;
  }

  /**
   * Finds the `k` rows nearest to each of the queries `[queries, dimensions]`, best first. The
   * vectors are read once, and kept. Errors: CHECKSUM_MISMATCH, OBJECT_NOT_FOUND, FILE_DAMAGED.
   */
  async nearest(queries: Float32Array, parameters: HnswParameters, k: number): Promise<Neighbour[][]> {
    this.#worker ??= new IndexWorker();
    const read = (part: LivePart) => this.#read(part);
    return searchExactly({ worker: this.#worker, parts: this.#parts, read }, queries, parameters, k);
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  async #read(part: LivePart): Promise<DecodedFile> {
    const kept = this.#decoded.get(part.vectors.key) ?? (await readVectors(this.#version, part));
    this.#decoded.set(part.vectors.key, kept);
    return kept;
  }
}

/**
 * Opens the rows of an index that are in no graph. Undefined where there are none. Errors:
 * INDEX_MISMATCH where the version does not have them all; OBJECT_NOT_FOUND, CHECKSUM_MISMATCH,
 * FILE_DAMAGED for their list.
 */
export async function openDelta(
  version: ReadableVersion,
  { name, delta }: Pick<IndexManifest, 'name' | 'delta'>,
): Promise<DeltaRows | undefined> {
  if (delta === null) return undefined;
  const { store, parts } = version;
  const { living } = rowsInVersion(await readRowList(store, delta.rowList), parts);
  if (living.rows === delta.rows) return new DeltaRows(version, living);
  throw indexError(
    'INDEX_MISMATCH',
    `the index ${name} lists ${counted(delta.rows, 'row')} beside its graphs, of which the version has ${living.rows}`,
    'Build the index anew under another name.',
    `${store.root}/${delta.rowList.key}`,
  );
}
