import { type Configuration, readCount, readIndex, readPositiveNumber } from '../../folder/configuration.js';
import { modelInvalid } from '../../model-errors.js';
import type { Architecture, Encoder } from '../architecture.js';
import { readActivation, readHeads, refuseOptions, refuseRelativePositions } from './options.js';
import { type PostNormNames, postNormEncoder } from './post-norm.js';

const NAMES: PostNormNames = {
  layers: 'encoder.layer',
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  context: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  inner: 'intermediate.dense',
  outer: 'output.dense',
  outputNorm: 'output.LayerNorm',
};

/**
 * The encoder of Devlin et al., "BERT" (2019): learned absolute positions, normalisation after each
 * block.
 */
export const BERT: Architecture = {
  weightPrefixes: ['', 'bert.'],
  probeTensor: 'embeddings.word_embeddings.weight',
  describe(configuration) {
    const sizes = readSizes(configuration);
    return encoder(sizes);
  },
};

/**
 * Liu et al., "RoBERTa" (2019), and its descendants: BERT with positions that begin after the
 * padding token's id.
 */
export const ROBERTA: Architecture = {
  weightPrefixes: ['', 'roberta.'],
  probeTensor: BERT.probeTensor,
  describe(configuration) {
    const sizes = { ...readSizes(configuration), paddingId: readIndex(configuration, 'pad_token_id', 1) };
    return { ...encoder(sizes), ...positionsBehind(configuration, sizes) };
  },
};

/**
 * Returns the positions that remain after the padding token's id. Errors: MODEL_INVALID where none
 * remains.
 */
export function positionsBehind(
  { file }: Configuration,
  { positions, paddingId }: { positions: number; paddingId: number },
): Pick<Encoder, 'maxPositions' | 'reservedPositions'> {
  const reservedPositions = paddingId + 1;
  if (positions > reservedPositions)
    return { maxPositions: positions - reservedPositions, reservedPositions };
  throw modelInvalid(file, `"max_position_embeddings" ${positions} leaves no position behind ${paddingId}`);
}

type BertSizes = ReturnType<typeof readSizes> & { paddingId?: number };

function encoder(sizes: BertSizes): Encoder {
  return {
    hiddenSize: sizes.hiddenSize,
    vocabularySize: sizes.vocabularySize,
    maxPositions: sizes.positions,
    tokenTypes: sizes.segments,
    parameters: { ...sizes },
    build: postNormEncoder(sizes, NAMES),
  };
}

function readSizes(configuration: Configuration) {
  refuseRelativePositions(configuration);
  refuseOptions(configuration, ['is_decoder', 'add_cross_attention']);
  const activation = readActivation(configuration, 'hidden_act');
  return {
    ...readHeads(configuration),
    activation,
    innerSize: readCount(configuration, 'intermediate_size'),
    layers: readCount(configuration, 'num_hidden_layers'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    segments: readCount(configuration, 'type_vocab_size'),
    epsilon: readPositiveNumber(configuration, 'layer_norm_eps'),
  };
}
