import type { Embedder } from '../../engine/model/embedder.js';
import { testEmbedder } from './test-embedder.js';

/** Returns an embedder that notes which texts it is given. */
export function notingEmbedder(texts: string[], embedder: Embedder = testEmbedder()): Embedder {
  return {
    ...embedder,
    embed: (given, options) => {
      texts.push(...given);
      return embedder.embed(given, options);
    },
  };
}
