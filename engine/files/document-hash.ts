import { createHash, hash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.js';
import type { Document } from '../../core/document.js';
import { DOCUMENT_HASH_BYTES } from '../../core/document-entry.js';

const HEX_DIGITS = 2 * DOCUMENT_HASH_BYTES;

/** Returns the hash by which a version knows a document's id, in hex. */
export function idHash(id: string): string {
  return hash('sha256', id, 'hex').slice(0, HEX_DIGITS);
}

/**
 * Returns the hash of everything of a document that its chunks are made of: its text, its title and
 * its metadata, in hex. Its id is not part of it.
 */
export function contentHash({ text, title, metadata }: Document): string {
  const beside = canonicalJson([title ?? null, metadata ?? null]);
  return createHash('sha256')
    .update(`${Buffer.byteLength(beside)}:${beside}`)
    .update(text)
    .digest('hex')
    .slice(0, HEX_DIGITS);
}
