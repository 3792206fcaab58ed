import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.js';
import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import type { ModelSignature } from '../../core/model-signature.js';

/**
 * Returns the SHA-256, in hex, of the canonical JSON of a signature, without what does not change
 * vectors or scores: its display name and its similarity.
 */
export function fingerprintOf(signature: ModelSignature | CrossEncoderSignature): string {
  const { name: _, similarity: __, ...space } = { similarity: undefined, ...signature };
  return createHash('sha256').update(canonicalJson(space)).digest('hex');
}
