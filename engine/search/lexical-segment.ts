import type { ListedRows } from '../../core/listed-rows.js';
import type { Postings } from '../../core/search/postings.js';
import type { IdBytes } from './id-bytes.js';
import { type PostingsSource, postingsInMemory } from './lexical-scores.js';

/** Some chunks by their words, on disk or in memory. Its rows are numbered from 0. */
export interface LexicalSegment extends PostingsSource {
  /** The chunk files and the rows of them that the segment has, in the order of its rows. */
  list: readonly ListedRows[];
  /**
   * `[rows]`: the position of each row's chunk id among those of the segment, in ascending order.
   */
  places: Uint32Array;
  /** Returns the chunk id of each row. */
  ids(): Promise<IdBytes>;
  close(): Promise<void>;
}

/** Everything that a segment holds. */
export interface SegmentContent extends Postings, Pick<LexicalSegment, 'list' | 'places'> {
  chunkIds: IdBytes;
}

/** Returns a segment that is searched in memory. */
export function segmentInMemory(content: SegmentContent): LexicalSegment {
  const { list, places, chunkIds } = content;
  return { list, places, ...postingsInMemory(content), ids: async () => chunkIds, close: async () => {} };
}
