import { type Configuration, readCount, readPositiveNumber } from '../../folder/configuration.js';
import { modelUnsupported } from '../../model-errors.js';
import type { Architecture, EncoderInputs } from '../architecture.js';
import { distanceToKey } from '../masks.js';
import type { OnnxGraphBuilder, Value } from '../onnx-graph-builder.js';
import type { Weights } from '../weights.js';
import { positionsBehind } from './bert.js';
import { embed } from './embeddings.js';
import { readActivation, readHeads } from './options.js';
import { type PostNormNames, postNormLayers } from './post-norm.js';

const NAMES: PostNormNames = {
  layers: 'encoder.layer',
  query: 'attention.attn.q',
  key: 'attention.attn.k',
  value: 'attention.attn.v',
  context: 'attention.attn.o',
  attentionNorm: 'attention.LayerNorm',
  inner: 'intermediate.dense',
  outer: 'output.dense',
  outputNorm: 'output.LayerNorm',
};

/** These are fixed in the family's code, whatever the configuration says. */
const PADDING_ID = 1;
const BUCKETS = 32;
/** All tokens from this distance on are in the last bucket. */
const FURTHEST = 128;

type MpnetSizes = ReturnType<typeof readSizes>;

/**
 * Song et al., "MPNet" (2020): BERT without segments, and with a bias for each distance, which all
 * layers share.
 */
export const MPNET: Architecture = {
  weightPrefixes: ['', 'mpnet.'],
  probeTensor: 'embeddings.word_embeddings.weight',
  describe(configuration) {
    const sizes = readSizes(configuration);
    return {
      hiddenSize: sizes.hiddenSize,
      vocabularySize: sizes.vocabularySize,
      ...positionsBehind(configuration, sizes),
      parameters: { ...sizes },
      build(builder, weights, inputs) {
        const hidden = embed(builder, weights, inputs, sizes);
        const bias = builder.add('Add', [distanceBias(builder, weights, inputs, sizes), inputs.maskBias]);
        return postNormLayers(builder, weights, { hidden, bias }, { sizes, names: NAMES });
      },
    };
  },
};

function readSizes(configuration: Configuration) {
  const buckets = readCount(configuration, 'relative_attention_num_buckets', BUCKETS);
  if (buckets !== BUCKETS)
    throw modelUnsupported(
      configuration.file,
      `relative_attention_num_buckets ${buckets} is not supported, only ${BUCKETS}`,
    );
  return {
    ...readHeads(configuration),
    activation: readActivation(configuration, 'hidden_act'),
    innerSize: readCount(configuration, 'intermediate_size'),
    layers: readCount(configuration, 'num_hidden_layers'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    epsilon: readPositiveNumber(configuration, 'layer_norm_eps'),
    paddingId: PADDING_ID,
  };
}

/**
 * Computes the bias of each score by the distance of its tokens, `[1, heads, columns, columns]`.
 * Distances beyond `FURTHEST` use the outermost entries of the table.
 */
function distanceBias(
  builder: OnnxGraphBuilder,
  weights: Weights,
  { inputIds }: EncoderInputs,
  { heads }: MpnetSizes,
): Value {
  const distances = 2 * FURTHEST + 1;
  const stored = { name: 'encoder.relative_attention_bias.weight', shape: [BUCKETS, heads] };
  const table = weights.derived('encoder.distance_bias', [1, heads, distances], [stored], ([biases]) =>
    Float32Array.from({ length: heads * distances }, (_, index) => {
      const [head, distance] = [Math.floor(index / distances), (index % distances) - FURTHEST];
      return biases![bucketOf(distance) * heads + head]!;
    }),
  );
  const near = builder.add('Clip', [
    distanceToKey(builder, inputIds),
    builder.integer(-FURTHEST),
    builder.integer(FURTHEST),
  ]);
  const places = builder.add('Add', [near, builder.integer(FURTHEST)]);
  return builder.add('Gather', [table, places], { axis: { int: 2 } });
}

/**
 * Returns the bucket of a key that is `distance` columns after the query. Each near distance has a
 * bucket of its own; further buckets become wider and wider (Raffel et al., "Exploring the Limits
 * of Transfer Learning", 2020, section 2.1). Keys after the query are in the second half.
 */
function bucketOf(distance: number): number {
  const half = BUCKETS / 2;
  const exact = half / 2;
  const away = Math.abs(distance);
  const fraction = Math.log2(away / exact) / Math.log2(FURTHEST / exact);
  const bucket = away < exact ? away : Math.min(half - 1, exact + Math.floor(fraction * (half - exact)));
  return distance > 0 ? half + bucket : bucket;
}
