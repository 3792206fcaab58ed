import type { ChunkRow } from '../../core/chunk.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * Returns the part of a chunk that word search and the cross-encoder read: its title and its text,
 * unless the job has already put the title before the text.
 */
export function lexicalTextOf({ job }: Pick<ReadableVersion, 'job'>): (row: ChunkRow) => string {
  const isPrefixed = job.spec.chunking.prefix.includes('title');
  return ({ title, text }) => (isPrefixed || title === undefined ? text : `${title} ${text}`);
}
