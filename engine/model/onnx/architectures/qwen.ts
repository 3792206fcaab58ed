import {
  type Configuration,
  readBoolean,
  readCount,
  readPositiveNumber,
} from '../../folder/configuration.js';
import { modelInvalid, modelUnsupported } from '../../model-errors.js';
import { ACTIVATIONS } from '../activations.js';
import type { Architecture, EncoderInputs } from '../architecture.js';
import { multiHeadAttention, type Positioning } from '../attention.js';
import { linear, rootMeanSquareNormalization } from '../layers.js';
import { causalBias } from '../masks.js';
import type { OnnxGraphBuilder, Value } from '../onnx-graph-builder.js';
import { rotate, rotation } from '../rotary.js';
import type { Weights } from '../weights.js';
import { readActivation, readLayerTypes, refuseOptions } from './options.js';
import { readRotaryBase } from './rotary-options.js';

/** The differences within the family. */
interface Generation {
  /** Returns the size of a head where the configuration does not name it. */
  headSize(sizes: { hiddenSize: number; heads: number }): number;
  /** Says which projections of attention have a bias. */
  biases(configuration: Configuration): 'none' | 'inputs' | 'all';
  /** Whether each head's query and key are normalised. */
  normalizesHeads: boolean;
}

/** Yang et al., "Qwen2 Technical Report" (2024). */
export const QWEN2 = decoder({
  headSize: ({ hiddenSize, heads }) => hiddenSize / heads,
  biases: () => 'inputs',
  normalizesHeads: false,
});

/** Yang et al., "Qwen3 Technical Report" (2025). */
export const QWEN3 = decoder({
  headSize: () => 128,
  biases: (configuration) => (readBoolean(configuration, 'attention_bias', false) ? 'all' : 'none'),
  normalizesHeads: true,
});

/**
 * Decoders whose last states are the embedding. They have rotary positions, keys that groups of
 * heads share, gated units, and normalisation by the root mean square before each block. No token
 * sees a later one.
 */
function decoder(generation: Generation): Architecture {
  return {
    weightPrefixes: ['', 'model.'],
    probeTensor: 'embed_tokens.weight',
    describe(configuration) {
      const sizes = { ...readSizes(configuration, generation), biases: generation.biases(configuration) };
      return {
        hiddenSize: sizes.hiddenSize,
        vocabularySize: sizes.vocabularySize,
        maxPositions: sizes.positions,
        parameters: { ...sizes },
        build: (builder, weights, inputs) =>
          encode(builder, weights, inputs, { ...sizes, normalizesHeads: generation.normalizesHeads }),
      };
    },
  };
}

type QwenOptions = ReturnType<typeof readSizes> & {
  biases: ReturnType<Generation['biases']>;
  normalizesHeads: boolean;
};

function readSizes(configuration: Configuration, generation: Generation) {
  const { file, values } = configuration;
  refuseOptions(configuration, [
    'use_sliding_window',
    'use_bidirectional_attention',
    'is_bidirectional',
    'add_cross_attention',
  ]);
  if (values.is_causal === false) throw modelUnsupported(file, 'is_causal false is not supported');
  const hiddenSize = readCount(configuration, 'hidden_size');
  const heads = readCount(configuration, 'num_attention_heads');
  const keyHeads = readCount(configuration, 'num_key_value_heads', heads);
  const headSize = readCount(configuration, 'head_dim', generation.headSize({ hiddenSize, heads }));
  if (heads % keyHeads !== 0)
    throw modelInvalid(file, `${heads} attention heads are not a multiple of ${keyHeads} key-value heads`);
  if (headSize % 2 !== 0)
    throw modelUnsupported(file, `rotary positions with heads of ${headSize} numbers are not supported`);
  const layers = readCount(configuration, 'num_hidden_layers');
  readLayerTypes(configuration, layers, ['full_attention'], () => 'full_attention');
  return {
    hiddenSize,
    heads,
    keyHeads,
    headSize,
    layers,
    activation: readActivation(configuration, 'hidden_act', 'silu'),
    innerSize: readCount(configuration, 'intermediate_size'),
    vocabularySize: readCount(configuration, 'vocab_size'),
    positions: readCount(configuration, 'max_position_embeddings'),
    epsilon: readPositiveNumber(configuration, 'rms_norm_eps', 1e-6),
    theta: readRotaryBase(configuration, 'full_attention', { key: 'rope_theta', fallback: 10_000 }),
  };
}

function encode(
  builder: OnnxGraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  options: QwenOptions,
): Value {
  const { hiddenSize, innerSize, epsilon } = options;
  const activation = ACTIVATIONS[options.activation]!;
  const normalize = (states: Value, prefix: string) =>
    rootMeanSquareNormalization(builder, weights, states, { prefix, size: hiddenSize, epsilon });
  const project = (states: Value, prefix: string, from: number, to: number) =>
    linear(weights, states, { prefix, inputs: from, outputs: to, bias: false });
  const attend = attention(builder, weights, inputs, options);
  const words = weights.tensor('embed_tokens.weight', [options.vocabularySize, hiddenSize]);
  let hidden = builder.add('Gather', [words, inputs.inputIds]);
  for (let layer = 0; layer < options.layers; layer++) {
    const prefix = `layers.${layer}`;
    const context = attend(normalize(hidden, `${prefix}.input_layernorm`), `${prefix}.self_attn`);
    hidden = builder.add('Add', [hidden, context]);
    const states = normalize(hidden, `${prefix}.post_attention_layernorm`);
    const gate = activation(builder, project(states, `${prefix}.mlp.gate_proj`, hiddenSize, innerSize));
    const up = project(states, `${prefix}.mlp.up_proj`, hiddenSize, innerSize);
    const gated = builder.add('Mul', [gate, up]);
    const down = project(gated, `${prefix}.mlp.down_proj`, innerSize, hiddenSize);
    hidden = builder.add('Add', [hidden, down]);
  }
  return normalize(hidden, 'norm');
}

/**
 * Returns the function that computes the attention of every layer, with its output projection. The
 * mask and the rotation are computed once.
 */
function attention(
  builder: OnnxGraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  options: QwenOptions,
): (states: Value, prefix: string) => Value {
  const { hiddenSize, heads, keyHeads, headSize, epsilon, biases } = options;
  const bias = causalBias(builder, inputs);
  const turn = rotation(builder, inputs, options);
  return (states, prefix) => {
    const project = (name: string, outputHeads: number) =>
      linear(weights, states, {
        prefix: `${prefix}.${name}`,
        inputs: hiddenSize,
        outputs: outputHeads * headSize,
        bias: biases !== 'none',
      });
    const positioning: Positioning = (perHead, role) => {
      const prefixOfNorm = `${prefix}.${role === 'query' ? 'q_norm' : 'k_norm'}`;
      const layer = { prefix: prefixOfNorm, size: headSize, epsilon };
      const normalized = options.normalizesHeads
        ? rootMeanSquareNormalization(builder, weights, perHead, layer)
        : perHead;
      return rotate(builder, normalized, turn);
    };
    const context = multiHeadAttention(
      builder,
      {
        query: project('q_proj', heads),
        key: project('k_proj', keyHeads),
        value: project('v_proj', keyHeads),
        bias,
      },
      { heads, keyHeads, headSize },
      positioning,
    );
    return linear(weights, context, {
      prefix: `${prefix}.o_proj`,
      inputs: heads * headSize,
      outputs: hiddenSize,
      bias: biases === 'all',
    });
  };
}
