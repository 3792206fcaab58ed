import type { ShardCorpus } from '../../core/commit.js';
import type { CorpusLists } from '../../core/manifest.js';
import { shardOf } from '../../core/plan.js';
import type { SliceEntry } from '../../core/slice-entry.js';
import { writeSliceListFile } from '../parquet/slice-list-file.js';
import type { OpenVersion } from '../version/open-version.js';
import { CorpusFacts } from './corpus-facts.js';
import { ListWriter } from './list-writer.js';

/** Lists the slices and the documents of a version, of which shards are taken in their order. */
export interface CorpusLister {
  add(shard: number, corpus: ShardCorpus): Promise<void>;
  /** Writes what has not filled a piece, and returns the lists. */
  finish(): Promise<CorpusLists>;
}

/** Lists the corpus of a version whose own shards hold all of it, in the order of the shards. */
export class OwnCorpusLister implements CorpusLister {
  readonly #version: OpenVersion;
  readonly #facts: CorpusFacts;
  readonly #slices: ListWriter<SliceEntry>;
  #sliceCount = 0;

  constructor(version: OpenVersion) {
    this.#version = version;
    this.#facts = new CorpusFacts(version);
    this.#slices = new ListWriter(version, 'slices', writeSliceListFile);
  }

  async add(shard: number, corpus: ShardCorpus): Promise<void> {
    const firstSlice = this.#sliceCount;
    await this.#facts.add(corpus, (slice) => firstSlice + slice);
    const planned = shardOf(await this.#version.plan(), shard).slices;
    for (const [place, slice] of planned.entries())
      await this.#slices.add({ ...slice, ...corpus.slices[place]!, shard });
    this.#sliceCount += planned.length;
  }

  async finish(): Promise<CorpusLists> {
    const own = { documents: this.#facts.documents(), texts: this.#facts.texts() };
    return this.#facts.list(await this.#slices.finish(), own);
  }
}
