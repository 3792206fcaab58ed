import type { PartFileRef } from '../../../core/commit.js';
import { VectormillError } from '../../../core/errors.js';
import { versionLayout } from '../../../core/layout.js';
import { mapConcurrently } from '../../concurrency/map-concurrently.js';
import { sha256 } from '../../files/hash.js';
import type { ObjectInfo, ObjectStore } from '../../store/object-store.js';
import { assertListedSize, ListedSizes } from '../../version/listed-sizes.js';
import { originsOf } from '../../version/manifest-origins.js';
import type { OpenVersion } from '../../version/open-version.js';
import { chunkKeyOf, vectorKeyOf } from '../../version/read-manifest.js';
import type { CarriedCorpus } from './carried-corpus.js';
import { listedParts } from './listed-parts.js';

/** The number of files that are read at once, each of which is in memory as a whole. */
const CONCURRENT_READS = 4;

const LISTED_BY_PARENT = {
  version: 'the parent of this version',
  component: 'carry',
  remedy: 'Restore the file, or start another version with `parent: none`, which embeds everything.',
};

/**
 * Checks that the files that the parent lists are there, with their sizes, before any of their rows
 * is carried over. Files are listed in the order of the parent's list, so that memory holds one
 * entry for each version that holds some. A file is read, and its checksum compared, if it was
 * written after the parent's manifest, because parts are written before it and never again. Errors:
 * OBJECT_NOT_FOUND, CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function assertParentFiles(version: OpenVersion, { manifest }: CarriedCorpus): Promise<void> {
  const { store, job } = version;
  const origins = originsOf(store, manifest);
  const chunkFiles = origins.layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/chunks/`));
  const vectorFiles = origins.layouts.map(({ prefix }) => new ListedSizes(store, `${prefix}/vectors/`));
  const finished = await store.head(versionLayout(job.spec.dataset, manifest.version).manifest);
  const check = new FileCheck(store, finished?.modifiedAt ?? 0);
  for await (const { part, vectors } of listedParts(version, manifest)) {
    const chunkKey = chunkKeyOf(origins.layoutOf(part.origin), part);
    await check.add({ ...part, key: chunkKey }, await chunkFiles[part.origin]!.find(chunkKey));
    const vectorKey = vectorKeyOf(origins.layoutOf(vectors.origin), part);
    await check.add({ ...vectors, key: vectorKey }, await vectorFiles[vectors.origin]!.find(vectorKey));
  }
  await check.compareLater();
}

/** Compares files with what the parent lists of them. */
class FileCheck {
  readonly #store: ObjectStore;
  /** The time at which the parent was finished, in ms since the epoch by the store's clock. */
  readonly #finishedAt: number;
  /** Files that were written later, whose bytes are still to be compared. */
  #later: PartFileRef[] = [];

  constructor(store: ObjectStore, finishedAt: number) {
    this.#store = store;
    this.#finishedAt = finishedAt;
  }

  /** Takes a file of the parent, and what the store says of it. */
  async add(file: PartFileRef, found: ObjectInfo | undefined): Promise<void> {
    const sizes = { listed: file.bytes, found: found?.size };
    assertListedSize(`${this.#store.root}/${file.key}`, sizes, LISTED_BY_PARENT);
    if (found!.modifiedAt <= this.#finishedAt) return;
    this.#later.push(file);
    if (this.#later.length === CONCURRENT_READS) await this.compareLater();
  }

  /** Compares the bytes of the files that were written later and are not compared yet. */
  async compareLater(): Promise<void> {
    const later = this.#later;
    this.#later = [];
    const { version, component, remedy } = LISTED_BY_PARENT;
    await mapConcurrently(later, CONCURRENT_READS, async ({ key, sha256: listed }) => {
      if (sha256(await this.#store.get(key)) === listed) return;
      const file = `${this.#store.root}/${key}`;
      const message = `${file} was changed after ${version} was finished`;
      throw new VectormillError('CHECKSUM_MISMATCH', message, { component, file, remedy });
    });
  }
}
