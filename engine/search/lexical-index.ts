import { join } from 'node:path';
import { type Postings, PostingsBuilder } from '../../core/search/postings.js';
import { cacheFolder } from '../files/cache-folder.js';
import { sha256 } from '../files/hash.js';
import type { ReadableVersion } from '../version/resolve-version.js';
import { openLexicalIndex, writeLexicalIndex } from './lexical-index-file.js';
import { inMemory, lexicalScores } from './lexical-scores.js';
import { LEXICAL_TERMS, lexicalTerms } from './lexical-terms.js';
import { lexicalTextOf } from './lexical-text.js';
import { readChunks } from './read-chunks.js';

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
  if (kept) return { scores: (query) => lexicalScores(query, kept), close: kept.close };
  const postings = await indexChunks(version, onRows);
  const notKept = await writeLexicalIndex(path, postings).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const source = inMemory(postings);
  return {
    ...(notKept === undefined ? {} : { notKept }),
    scores: (query) => lexicalScores(query, source),
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

/** Of the chunk files' contents, of what is searched of them, and of how words are made of it. */
function identityOf({ manifest, job }: ReadableVersion): string {
  const parts = manifest.chunkFiles.map((file) => file.sha256);
  return sha256(JSON.stringify([LEXICAL_TERMS, job.spec.chunking.prefix, parts]));
}
