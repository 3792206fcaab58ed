import { VectormillError } from '../../core/errors.js';
import type { Embedder } from '../model/embedder.js';
import type { ReadableVersion } from './resolve-version.js';

/**
 * Refuses a model that is not the one with which the version was embedded. Errors:
 * FINGERPRINT_MISMATCH.
 */
export function assertSameSpace(
  { manifest }: Pick<ReadableVersion, 'manifest'>,
  { signature, fingerprint }: Pick<Embedder, 'signature' | 'fingerprint'>,
): void {
  if (fingerprint === manifest.fingerprint) return;
  const left = `${manifest.signature.name} (${manifest.fingerprint.slice(0, 12)})`;
  const right = `${signature.name} (${fingerprint.slice(0, 12)})`;
  throw new VectormillError(
    'FINGERPRINT_MISMATCH',
    `these are two vector spaces: ${manifest.dataset}@${manifest.version} was embedded with ${left}, the query with ${right}`,
    {
      component: 'search',
      remedy: 'Use the model that the version was embedded with (`--model`), or re-embed.',
    },
  );
}
