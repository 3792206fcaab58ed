import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.js';
import type { CrossEncoderSignature } from '../../core/cross-encoder-signature.js';
import type { ModelSignature } from '../../core/model-signature.js';

/** sha256, hex, of the canonical JSON of what a signature says of vectors or scores: all but its display name and similarity. */
export function fingerprintOf(signature: ModelSignature | CrossEncoderSignature): string {
  const { name: _, similarity: __, ...space } = { similarity: undefined, ...signature };
  return createHash('sha256').update(canonicalJson(space)).digest('hex');
}
