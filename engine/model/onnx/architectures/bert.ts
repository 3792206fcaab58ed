import { type Configuration, readCount, readPositiveNumber } from '../../configuration.js';
import { modelUnsupported } from '../../model-errors.js';
import { ACTIVATIONS } from '../activations.js';
import type { Architecture, Encoder, EncoderInputs } from '../architecture.js';
import type { GraphBuilder, Value } from '../graph-builder.js';
import { layerNormalization, linear, multiHeadAttention } from '../layers.js';
import type { Weights } from '../weights.js';

interface BertSizes {
  hiddenSize: number;
  innerSize: number;
  heads: number;
  layers: number;
  vocabularySize: number;
  positions: number;
  segments: number;
  epsilon: number;
  activation: string;
}

/** The encoder of Devlin et al., "BERT" (2019): learned absolute positions, normalisation after each block. */
export const BERT: Architecture = {
  weightPrefixes: ['', 'bert.'],
  probeTensor: 'embeddings.word_embeddings.weight',
  describe(configuration) {
    const sizes = readSizes(configuration);
    return {
      hiddenSize: sizes.hiddenSize,
      vocabularySize: sizes.vocabularySize,
      maxPositions: sizes.positions,
      tokenTypes: sizes.segments,
      parameters: { ...sizes },
      build: (builder, weights, inputs) => encode(builder, weights, sizes, inputs),
    } satisfies Encoder;
  },
};

function readSizes(configuration: Configuration): BertSizes {
  const { values, file } = configuration;
  const positionType = values.position_embedding_type ?? 'absolute';
  if (positionType !== 'absolute')
    throw modelUnsupported(file, `position_embedding_type ${JSON.stringify(positionType)} is not supported`);
  for (const option of ['is_decoder', 'add_cross_attention'])
    if (values[option]) throw modelUnsupported(file, `a BERT with ${option} is not supported`);
  const activation = values.hidden_act;
  if (typeof activation !== 'string' || !Object.hasOwn(ACTIVATIONS, activation))
    throw modelUnsupported(file, `the activation ${JSON.stringify(activation)} is not supported`);
  const hiddenSize = readCount(configuration, 'hidden_size');
  const heads = readCount(configuration, 'num_attention_heads');
  if (hiddenSize % heads !== 0)
    throw modelUnsupported(file, `hidden_size ${hiddenSize} is not a multiple of ${heads} heads`);
  return {
    hiddenSize,
    heads,
    activation,
    innerSize: readCount(configuration, 'intermediate_size'),
    layers: readCount(configuration, 'num_hidden_layers'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    segments: readCount(configuration, 'type_vocab_size'),
    epsilon: readPositiveNumber(configuration, 'layer_norm_eps'),
  };
}

function encode(builder: GraphBuilder, weights: Weights, sizes: BertSizes, inputs: EncoderInputs): Value {
  const { hiddenSize, innerSize, epsilon } = sizes;
  const activation = ACTIVATIONS[sizes.activation]!;
  let hidden = embed(builder, weights, sizes, inputs);
  for (let layer = 0; layer < sizes.layers; layer++) {
    const prefix = `encoder.layer.${layer}`;
    const dense = (input: Value, name: string, from: number, to: number) =>
      linear(builder, weights, input, { prefix: `${prefix}.${name}`, inputs: from, outputs: to });
    const addAndNormalize = (update: Value, residual: Value, name: string) =>
      layerNormalization(builder, weights, builder.add('Add', [update, residual]), {
        prefix: `${prefix}.${name}`,
        size: hiddenSize,
        epsilon,
      });
    const context = multiHeadAttention(
      builder,
      {
        query: dense(hidden, 'attention.self.query', hiddenSize, hiddenSize),
        key: dense(hidden, 'attention.self.key', hiddenSize, hiddenSize),
        value: dense(hidden, 'attention.self.value', hiddenSize, hiddenSize),
        maskBias: inputs.maskBias,
      },
      { heads: sizes.heads, size: hiddenSize },
    );
    const attended = dense(context, 'attention.output.dense', hiddenSize, hiddenSize);
    hidden = addAndNormalize(attended, hidden, 'attention.output.LayerNorm');
    const inner = activation(builder, dense(hidden, 'intermediate.dense', hiddenSize, innerSize));
    const outer = dense(inner, 'output.dense', innerSize, hiddenSize);
    hidden = addAndNormalize(outer, hidden, 'output.LayerNorm');
  }
  return hidden;
}

/** Words, positions and token types. */
function embed(builder: GraphBuilder, weights: Weights, sizes: BertSizes, inputs: EncoderInputs): Value {
  const { hiddenSize, positions, segments } = sizes;
  const words = weights.tensor('embeddings.word_embeddings.weight', [sizes.vocabularySize, hiddenSize]);
  const places = { name: 'embeddings.position_embeddings.weight', shape: [positions, hiddenSize] };
  const types = { name: 'embeddings.token_type_embeddings.weight', shape: [segments, hiddenSize] };
  const columns = builder.add('Shape', [inputs.inputIds], { start: { int: 1 } });
  const firstOf = (table: Value) =>
    builder.add('Slice', [table, builder.integers(0), columns, builder.integers(0)]);
  const word = builder.add('Gather', [words, inputs.inputIds]);
  let sum: Value;
  if (inputs.tokenTypes === undefined) {
    // The embedding of type 0 is a constant then, and is added to the positions' beforehand.
    const both = weights.derived(
      'embeddings.positions_and_segment',
      places.shape,
      [places, types],
      ([place, type]) => place!.map((value, index) => value + type![index % hiddenSize]!),
    );
    sum = builder.add('Add', [word, firstOf(both)]);
  } else {
    const type = builder.add('Gather', [weights.tensor(types.name, types.shape), inputs.tokenTypes]);
    const place = firstOf(weights.tensor(places.name, places.shape));
    sum = builder.add('Add', [builder.add('Add', [word, type]), place]);
  }
  return layerNormalization(builder, weights, sum, {
    prefix: 'embeddings.LayerNorm',
    size: hiddenSize,
    epsilon: sizes.epsilon,
  });
}
