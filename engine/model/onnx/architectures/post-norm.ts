import { ACTIVATIONS } from '../activations.js';
import type { Encoder } from '../architecture.js';
import { multiHeadAttention } from '../attention.js';
import { layerNormalization, linear } from '../layers.js';
import type { OnnxGraphBuilder, Value } from '../onnx-graph-builder.js';
import type { Weights } from '../weights.js';
import { type EmbeddingSizes, embed } from './embeddings.js';

interface PostNormSizes {
  hiddenSize: number;
  innerSize: number;
  heads: number;
  layers: number;
  epsilon: number;
  activation: string;
}

/** The names of the tensors of a family's layers. */
export interface PostNormNames {
  /** The part of each name before a layer's number. */
  layers: string;
  /** The parts of the names after the number. */
  query: string;
  key: string;
  value: string;
  context: string;
  attentionNorm: string;
  inner: string;
  outer: string;
  outputNorm: string;
}

/**
 * Adds the layers of Vaswani et al., "Attention Is All You Need" (2017), in BERT's form: with
 * normalisation after each block.
 * @param input.bias is added to the scores of every layer; it and `unpadded` are those of
 * `multiHeadAttention`
 * @returns hidden states `[rows, columns, hiddenSize]`
 */
export function postNormLayers(
  builder: OnnxGraphBuilder,
  weights: Weights,
  input: { hidden: Value; bias: Value; unpadded?: Value | undefined },
  { sizes, names }: { sizes: PostNormSizes; names: PostNormNames },
): Value {
  const { hiddenSize, innerSize, heads, epsilon } = sizes;
  const activation = ACTIVATIONS[sizes.activation]!;
  let hidden = input.hidden;
  for (let layer = 0; layer < sizes.layers; layer++) {
    const prefix = `${names.layers}.${layer}`;
    const dense = (states: Value, name: string, from: number, to: number) =>
      linear(weights, states, { prefix: `${prefix}.${name}`, inputs: from, outputs: to });
    const addAndNormalize = (update: Value, residual: Value, name: string) =>
      layerNormalization(builder, weights, builder.add('Add', [update, residual]), {
        prefix: `${prefix}.${name}`,
        size: hiddenSize,
        epsilon,
      });
    const context = multiHeadAttention(
      builder,
      {
        query: dense(hidden, names.query, hiddenSize, hiddenSize),
        key: dense(hidden, names.key, hiddenSize, hiddenSize),
        value: dense(hidden, names.value, hiddenSize, hiddenSize),
        bias: input.bias,
        unpadded: input.unpadded,
      },
      { heads, headSize: hiddenSize / heads },
    );
    const attended = dense(context, names.context, hiddenSize, hiddenSize);
    hidden = addAndNormalize(attended, hidden, names.attentionNorm);
    const inner = activation(builder, dense(hidden, names.inner, hiddenSize, innerSize));
    const outer = dense(inner, names.outer, innerSize, hiddenSize);
    hidden = addAndNormalize(outer, hidden, names.outputNorm);
  }
  return hidden;
}

/** Returns the builder of an encoder that has only embeddings and layers of this kind. */
export function postNormEncoder(
  sizes: EmbeddingSizes & PostNormSizes,
  names: PostNormNames,
): Encoder['build'] {
  return (builder, weights, inputs) => {
    const hidden = embed(builder, weights, inputs, sizes);
    const { maskBias: bias, unpadded } = inputs;
    return postNormLayers(builder, weights, { hidden, bias, unpadded }, { sizes, names });
  };
}
