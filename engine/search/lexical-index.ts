import { join } from 'node:path';
import { placesOfIds } from '../../core/ids.js';
import { PostingsBuilder } from '../../core/search/postings.js';
import type { TieBreak } from '../../core/top-k.js';
import { isWhole } from '../../core/version-parts.js';
import { cacheFolder } from '../files/cache-folder.js';
import { sha256 } from '../files/hash.js';
import { readLiveChunks } from '../version/live-rows.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import {
  LEXICAL_FILE_FORMAT,
  type OrderedPostings,
  openLexicalIndex,
  writeLexicalIndex,
} from './lexical-index-file.js';
import { lexicalScores, postingsInMemory } from './lexical-scores.js';
import { LEXICAL_TERMS, lexicalTerms, lexicalTextOf } from './lexical-terms.js';

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
 * Returns the lexical index of a version. It is made from the chunk files when it is first used,
 * and stored in the cache under the hash of what it is made from, so that versions with the same
 * chunks share it. A cache that cannot be written is not an error, because the index can be used
 * all the same. If the index has to be made, `onRows` is called with the number of rows that are
 * indexed so far. Errors: CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function lexicalIndexOf(
  version: ReadableVersion,
  onRows?: (done: number) => void,
): Promise<LexicalIndex> {
  const path = join(cacheFolder(), 'lexical', `${identityOf(version)}.index`);
  const kept = await openLexicalIndex(path);
  if (kept)
    return {
      scores: (query) => lexicalScores(query, kept),
      tieBreak: byPlace(kept.places),
      close: kept.close,
    };
  const postings = await indexChunks(version, onRows);
  const notKept = await writeLexicalIndex(path, postings).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const source = postingsInMemory(postings);
  return {
    ...(notKept === undefined ? {} : { notKept }),
    scores: (query) => lexicalScores(query, source),
    tieBreak: byPlace(postings.places),
    close: async () => {},
  };
}

function byPlace(places: Uint32Array): TieBreak {
  return (row, other) => places[row]! - places[other]!;
}

async function indexChunks(
  version: ReadableVersion,
  onRows?: (done: number) => void,
): Promise<OrderedPostings> {
  const builder = new PostingsBuilder();
  const chunkIds: string[] = [];
  const textOf = lexicalTextOf(version);
  let done = 0;
  for (const part of version.parts) {
    const rows = await readLiveChunks(version, part);
    for (const row of rows) {
      builder.add(lexicalTerms(textOf(row)));
      chunkIds.push(row.chunkId);
    }
    done += rows.length;
    onRows?.(done);
  }
  return { ...builder.build(), places: placesOfIds(chunkIds) };
}

/**
 * Returns a hash of the contents of the chunk files and of which of their rows are live, of which
 * parts are searched, of how texts become words, and of the format of the file, so that releases do
 * not overwrite each other's.
 */
function identityOf({ parts, job }: ReadableVersion): string {
  const contents = [...parts].map((part) =>
    isWhole(part) ? part.chunks.sha256 : [part.chunks.sha256, part.live],
  );
  return sha256(JSON.stringify([LEXICAL_FILE_FORMAT, LEXICAL_TERMS, job.spec.chunking.prefix, contents]));
}
