import { type Configuration, readCount } from '../../folder/configuration.js';
import type { Architecture } from '../architecture.js';
import { readActivation, readHeads } from './options.js';
import { type PostNormNames, postNormEncoder } from './post-norm.js';

const NAMES: PostNormNames = {
  layers: 'transformer.layer',
  query: 'attention.q_lin',
  key: 'attention.k_lin',
  value: 'attention.v_lin',
  context: 'attention.out_lin',
  attentionNorm: 'sa_layer_norm',
  inner: 'ffn.lin1',
  outer: 'ffn.lin2',
  outputNorm: 'output_layer_norm',
};

/** This is fixed in the family's code, so that no configuration names it. */
const EPSILON = 1e-12;

/**
 * Sanh et al., "DistilBERT" (2019): BERT without segments. Sinusoidal positions are stored like
 * learned ones.
 */
export const DISTILBERT: Architecture = {
  weightPrefixes: ['', 'distilbert.'],
  probeTensor: 'embeddings.word_embeddings.weight',
  describe(configuration) {
    const sizes = readSizes(configuration);
    return {
      hiddenSize: sizes.hiddenSize,
      vocabularySize: sizes.vocabularySize,
      maxPositions: sizes.positions,
      parameters: { ...sizes },
      build: postNormEncoder(sizes, NAMES),
    };
  },
};

function readSizes(configuration: Configuration) {
  return {
    ...readHeads(configuration, { size: 'dim', heads: 'n_heads' }),
    activation: readActivation(configuration, 'activation'),
    innerSize: readCount(configuration, 'hidden_dim'),
    layers: readCount(configuration, 'n_layers'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    epsilon: EPSILON,
  };
}
