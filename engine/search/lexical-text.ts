import type { ChunkRow } from '../../core/chunk.js';
import type { ReadableVersion } from '../version/resolve-version.js';

/**
 * What of a chunk is searched by its words and shown to a cross-encoder: its title and its text, unless the job has put
 * the title before the text already.
 */
export function lexicalTextOf({ job }: Pick<ReadableVersion, 'job'>): (row: ChunkRow) => string {
  const isPrefixed = job.spec.chunking.prefix.includes('title');
  return ({ title, text }) => (isPrefixed || title === undefined ? text : `${title} ${text}`);
}
