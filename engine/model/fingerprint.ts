import { canonicalJson } from '../../core/canonical-json.js';
import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import type { ModelSignature } from '../../core/model-signature.js';
import { sha256 } from '../files/hash.js';

/**
 * Returns the SHA-256, in hex, of the canonical JSON of a signature, without what does not change
 * vectors or scores: its display name and its similarity.
 */
export function fingerprintOf(signature: ModelSignature | CrossEncoderSignature): string {
  const { name: _, similarity: __, ...space } = { similarity: undefined, ...signature };
  return sha256(canonicalJson(space));
}
