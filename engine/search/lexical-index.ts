import { join } from 'node:path';
import { bm25Scores, type TermPostings } from '../../core/search/bm25.js';
import { type Postings, PostingsBuilder, postingsByTerm } from '../../core/search/postings.js';
import { cacheFolder } from '../cache-folder.js';
import { sha256 } from '../hash.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { readChunks } from '../version/search-version.js';
import { type LexicalIndexFile, openLexicalIndex, writeLexicalIndex } from './lexical-index-file.js';
import { LEXICAL_TERMS, lexicalTerms } from './lexical-terms.js';
import { lexicalTextOf } from './lexical-text.js';

/** A version's chunks by their words. */
export interface LexicalIndex {
  /** Why the index was not kept for the next search; absent where it was. */
  notKept?: string;
  /** The BM25 score of every row, `[rows]`; 0 for a row with no term of the query. */
  scores(query: string): Promise<Float64Array>;
  close(): Promise<void>;
}

/**
 * The lexical index of a version: made from its chunk files on first use, and kept in the cache under the hash of what it
 * is made from, which another version with the same chunks shares. A cache that cannot be written is no error, since the
 * index is there all the same. `onRows` is told the rows indexed so far, where it has to be made.
 * Errors: CHECKSUM_MISMATCH, FILE_DAMAGED.
 */
export async function lexicalIndexOf(
  version: ReadableVersion,
  onRows?: (done: number) => void,
): Promise<LexicalIndex> {
  const path = join(cacheFolder(), 'lexical', `${identityOf(version)}.index`);
  const kept = await openLexicalIndex(path);
  if (kept) return { scores: (query) => scoresOf(query, kept), close: kept.close };
  const postings = await indexChunks(version, onRows);
  const notKept = await writeLexicalIndex(path, postings).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const find = postingsByTerm(postings);
  const source = { lengths: postings.lengths, postings: async (term: string) => find(term) };
  return {
    ...(notKept === undefined ? {} : { notKept }),
    scores: (query) => scoresOf(query, source),
    close: async () => {},
  };
}

async function indexChunks(version: ReadableVersion, onRows?: (done: number) => void): Promise<Postings> {
  const builder = new PostingsBuilder();
  const textOf = lexicalTextOf(version);
  let done = 0;
  for (const part of version.manifest.chunkFiles) {
    const rows = await readChunks(version, part);
    for (const row of rows) builder.add(lexicalTerms(textOf(row)));
    done += rows.length;
    onRows?.(done);
  }
  return builder.build();
}

async function scoresOf(
  query: string,
  { lengths, postings }: Pick<LexicalIndexFile, 'lengths' | 'postings'>,
): Promise<Float64Array> {
  const found: TermPostings[] = [];
  for (const term of new Set(lexicalTerms(query))) {
    const own = await postings(term);
    if (own) found.push(own);
  }
  return bm25Scores(found, lengths);
}

/** Of the chunk files' contents, of what is searched of them, and of how words are made of it. */
function identityOf({ manifest, job }: ReadableVersion): string {
  const parts = manifest.chunkFiles.map((file) => file.sha256);
  return sha256(JSON.stringify([LEXICAL_TERMS, job.spec.chunking.prefix, parts]));
}
