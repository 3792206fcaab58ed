import type { TieBreak } from '../../core/top-k.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { lexicalScores } from './lexical-scores.js';
import { type OnIndexed, openSegments } from './lexical-segments.js';
import { segmentedPostings } from './segmented-postings.js';

/** A version's chunks by their words. */
export interface LexicalIndex {
  /** The reason why the index could not be stored for the next search; absent where it could. */
  notKept?: string;
  /** Returns the BM25 score of every row, `[rows]`; 0 for a row without any term of the query. */
  scores(query: string): Promise<Float64Array>;
  /** Lets the lower chunk id come first, without reading ids. */
  tieBreak: TieBreak;
  close(): Promise<void>;
}

/**
 * Returns the lexical index of a version. It consists of segments in the cache, which the versions
 * of a dataset share, and gives what an index of the version alone would give. The chunks that no
 * segment has become a new one when the version is first searched. A cache that cannot be written
 * is not an error, because the index can be used all the same. Errors: CHECKSUM_MISMATCH,
 * FILE_DAMAGED.
 */
export async function lexicalIndexOf(version: ReadableVersion, onRows?: OnIndexed): Promise<LexicalIndex> {
  const { segments, notKept } = await openSegments(version, onRows);
  const postings = await segmentedPostings(version.parts, segments);
  return {
    ...(notKept === undefined ? {} : { notKept }),
    scores: (query) => lexicalScores(query, postings),
    tieBreak: postings.tieBreak,
    close: async () => {
      for (const { segment } of segments) await segment.close();
    },
  };
}
