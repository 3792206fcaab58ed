import { VectormillError } from '../../../core/errors.js';
import { versionLayout } from '../../../core/layout.js';
import { readPartListFile } from '../../parquet/part-list-file.js';
import { readVectorListFile } from '../../parquet/vector-list-file.js';
import type { ObjectStore } from '../../store/object-store.js';
import type { OpenVersion } from '../../version/open-version.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { listEntries } from './list-entries.js';

/**
 * Checks that the files that the parent lists are there, with their sizes, before any of their rows
 * is carried over. Files are listed in the order of the parent's list, so that memory holds one
 * entry for each version that holds some. Their bytes are not read. Errors: OBJECT_NOT_FOUND,
 * CHECKSUM_MISMATCH.
 */
export async function assertParentFiles(version: OpenVersion, { manifest }: CarriedCorpus): Promise<void> {
  const { store, job } = version;
  const { origins, lists } = manifest;
  const layouts = origins.map((origin) => versionLayout(job.spec.dataset, origin));
  const chunkSizes = layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/chunks/`));
  const vectorSizes = layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/vectors/`));
  const vectorFiles = listEntries(version, lists.outputs.dense.pieces, readVectorListFile);
  for await (const part of listEntries(version, lists.parts, readPartListFile)) {
    const { shard, start, end } = part;
    const vectors = (await vectorFiles.next()).value!;
    const chunkKey = layouts[part.origin]!.chunkPart(shard, start, end);
    assertSize(store, chunkKey, part.bytes, await chunkSizes[part.origin]!.sizeOf(chunkKey));
    const vectorKey = layouts[vectors.origin]!.vectorPart(shard, start, end);
    assertSize(store, vectorKey, vectors.bytes, await vectorSizes[vectors.origin]!.sizeOf(vectorKey));
  }
}

/** The sizes of the objects below a prefix, which are asked for in the order of their keys. */
class ListedSizes {
  readonly #objects: AsyncIterator<{ key: string; size: number }>;
  #next: { key: string; size: number } | undefined;

  constructor(store: ObjectStore, prefix: string) {
    this.#objects = store.list(prefix)[Symbol.asyncIterator]();
  }

  /** Returns the size of an object in bytes; undefined if there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    while (this.#next === undefined || this.#next.key < key) {
      const { value, done } = await this.#objects.next();
      if (done) return undefined;
      this.#next = value;
    }
    return this.#next.key === key ? this.#next.size : undefined;
  }
}

function assertSize({ root }: ObjectStore, key: string, listed: number, found: number | undefined): void {
  if (found === listed) return;
  const file = `${root}/${key}`;
  const isGone = found === undefined;
  throw new VectormillError(
    isGone ? 'OBJECT_NOT_FOUND' : 'CHECKSUM_MISMATCH',
    isGone
      ? `${file} is gone, and the parent of this version lists it`
      : `${file} has ${found} bytes; the parent of this version lists ${listed}`,
    {
      component: 'carry',
      file,
      remedy:
        'Restore the file from a copy, or start another version with `parent: none`, which embeds everything.',
    },
  );
}
