import {
  type Configuration,
  readBoolean,
  readCount,
  readIndex,
  readPositiveNumber,
} from '../../folder/configuration.js';
import { modelUnsupported } from '../../model-errors.js';
import { ACTIVATIONS } from '../activations.js';
import type { Architecture, EncoderInputs } from '../architecture.js';
import { multiHeadAttention } from '../attention.js';
import { layerNormalization, linear, stackedLinear } from '../layers.js';
import { windowBias } from '../masks.js';
import type { OnnxGraphBuilder, Value } from '../onnx-graph-builder.js';
import { rotate, rotation } from '../rotary.js';
import type { Weights } from '../weights.js';
import { readActivation, readHeads, readLayerTypes, refuseOptions } from './options.js';
import { readRotaryBase } from './rotary-options.js';

const LAYER_TYPES = ['full_attention', 'sliding_attention'] as const;
type LayerType = (typeof LAYER_TYPES)[number];

/**
 * Warner et al., "Smarter, Better, Faster, Longer" (2024), "ModernBERT": rotary positions, some
 * layers that see only a token's neighbourhood, gated units, and normalisation before each block.
 */
export const MODERNBERT: Architecture = {
  weightPrefixes: ['', 'model.'],
  probeTensor: 'embeddings.tok_embeddings.weight',
  describe(configuration) {
    const options = readOptions(configuration);
    const { layerTypes, biases, thetas, ...sizes } = options;
    return {
      hiddenSize: sizes.hiddenSize,
      vocabularySize: sizes.vocabularySize,
      maxPositions: sizes.positions,
      parameters: {
        ...sizes,
        layerTypes: layerTypes.join(' '),
        fullTheta: thetas.full_attention,
        slidingTheta: thetas.sliding_attention,
        biases: Object.entries(biases)
          .filter(([, present]) => present)
          .map(([name]) => name)
          .join(' '),
      },
      build: (builder, weights, inputs) => encode(builder, weights, inputs, options),
    };
  },
};

type ModernBertOptions = ReturnType<typeof readOptions>;

function readOptions(configuration: Configuration) {
  refuseOptions(configuration, ['is_decoder', 'add_cross_attention']);
  const layers = readCount(configuration, 'num_hidden_layers');
  const every = readCount(configuration, 'global_attn_every_n_layers', 3);
  const heads = readHeads(configuration);
  refuseHeadSize(configuration, heads.hiddenSize / heads.heads);
  return {
    ...heads,
    activation: readActivation(configuration, 'hidden_activation', 'gelu'),
    innerSize: readCount(configuration, 'intermediate_size'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    epsilon: readPositiveNumber(configuration, 'norm_eps', 1e-5),
    /** The number of tokens that a sliding layer sees on either side. */
    reach: readReach(configuration),
    layerTypes: readLayerTypes(configuration, layers, LAYER_TYPES, (layer) =>
      layer % every === 0 ? 'full_attention' : 'sliding_attention',
    ),
    thetas: readThetas(configuration),
    biases: {
      norm: readBoolean(configuration, 'norm_bias', false),
      attention: readBoolean(configuration, 'attention_bias', false),
      inner: readBoolean(configuration, 'mlp_bias', false),
    },
  };
}

/**
 * Reads how far a sliding layer sees. `local_attention` is the whole window, and `sliding_window`
 * is half of it. Versions write one or the other.
 */
function readReach(configuration: Configuration): number {
  const { values, file } = configuration;
  const half = values.sliding_window == null ? undefined : readIndex(configuration, 'sliding_window', 0);
  const reach = Math.floor(readCount(configuration, 'local_attention', 2 * (half ?? 64)) / 2);
  if (half !== undefined && half !== reach)
    throw modelUnsupported(file, `sliding_window ${half} beside another local_attention is not supported`);
  return reach;
}

/**
 * Reads the bases of both kinds of layers. Older versions use the global base where
 * `local_rope_theta` is null.
 */
function readThetas(configuration: Configuration): Record<LayerType, number> {
  const { values, file } = configuration;
  if (Object.hasOwn(values.rope_parameters ?? {}, 'rope_theta'))
    throw modelUnsupported(file, 'rope_parameters that tell no layer types apart are not supported');
  const full = readRotaryBase(configuration, 'full_attention', {
    key: 'global_rope_theta',
    fallback: 160_000,
  });
  const fallback = values.local_rope_theta === null ? full : 10_000;
  const older = { key: 'local_rope_theta', fallback };
  return {
    full_attention: full,
    sliding_attention: readRotaryBase(configuration, 'sliding_attention', older),
  };
}

function refuseHeadSize({ file, values }: Configuration, headSize: number): void {
  if (headSize % 2 !== 0)
    throw modelUnsupported(file, `rotary positions with heads of ${headSize} numbers are not supported`);
  if (values.head_dim != null && values.head_dim !== headSize)
    throw modelUnsupported(file, `head_dim ${JSON.stringify(values.head_dim)} is not supported`);
}

function encode(
  builder: OnnxGraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  options: ModernBertOptions,
): Value {
  const { hiddenSize, innerSize, biases, epsilon } = options;
  const activation = ACTIVATIONS[options.activation]!;
  const normalize = (states: Value, prefix: string) =>
    layerNormalization(builder, weights, states, { prefix, size: hiddenSize, epsilon, bias: biases.norm });
  const attend = attention(builder, weights, inputs, options);
  const words = weights.tensor('embeddings.tok_embeddings.weight', [options.vocabularySize, hiddenSize]);
  let hidden = normalize(builder.add('Gather', [words, inputs.inputIds]), 'embeddings.norm');
  for (const [layer, type] of options.layerTypes.entries()) {
    const prefix = `layers.${layer}`;
    // The embeddings are normalised already.
    const before = layer === 0 ? hidden : normalize(hidden, `${prefix}.attn_norm`);
    hidden = builder.add('Add', [hidden, attend(before, `${prefix}.attn`, type)]);
    const inner = { prefix: `${prefix}.mlp.Wi`, inputs: hiddenSize, outputs: innerSize, parts: 2 };
    const [input, gate] = stackedLinear(weights, normalize(hidden, `${prefix}.mlp_norm`), {
      ...inner,
      bias: biases.inner,
    });
    const gated = builder.add('Mul', [activation(builder, input!), gate!]);
    const outer = linear(weights, gated, {
      prefix: `${prefix}.mlp.Wo`,
      inputs: innerSize,
      outputs: hiddenSize,
      bias: biases.inner,
    });
    hidden = builder.add('Add', [hidden, outer]);
  }
  return normalize(hidden, 'final_norm');
}

/**
 * Returns the function that computes the attention of every layer. Masks and rotations are computed
 * once for each kind of layer.
 */
function attention(
  builder: OnnxGraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  { hiddenSize, heads, positions, reach, thetas, biases, layerTypes }: ModernBertOptions,
) {
  const headSize = hiddenSize / heads;
  const turns = new Map(
    [...new Set(layerTypes.map((type) => thetas[type]))].map((theta) => [
      theta,
      rotation(builder, inputs, { theta, headSize, positions }),
    ]),
  );
  const kinds = new Map(
    [...new Set(layerTypes)].map((type) => [
      type,
      {
        bias: type === 'full_attention' ? inputs.maskBias : windowBias(builder, inputs, reach),
        turn: turns.get(thetas[type])!,
      },
    ]),
  );
  return (states: Value, prefix: string, type: LayerType): Value => {
    const { bias, turn } = kinds.get(type)!;
    const [query, key, value] = stackedLinear(weights, states, {
      prefix: `${prefix}.Wqkv`,
      inputs: hiddenSize,
      outputs: hiddenSize,
      parts: 3,
      bias: biases.attention,
    });
    const context = multiHeadAttention(
      builder,
      { query: query!, key: key!, value: value!, bias },
      { heads, headSize },
      (perHead) => rotate(builder, perHead, turn),
    );
    return linear(weights, context, {
      prefix: `${prefix}.Wo`,
      inputs: hiddenSize,
      outputs: hiddenSize,
      bias: biases.attention,
    });
  };
}
