import type { Layer } from '../folder/layer-configuration.js';
import type { PoolingConfiguration } from '../folder/pooling-configuration.js';
import { denseLayer } from './dense.js';
import { GRAPH_NAMES } from './graph-names.js';
import { DATA_TYPE } from './onnx-format.js';
import type { OnnxGraphBuilder, Value } from './onnx-graph-builder.js';
import { normalizeRows, POOLING_GRAPHS } from './poolings.js';
import type { Weights } from './weights.js';

/** The part of a model that turns token states into one vector for each row. */
export interface SentenceHead {
  pooling: PoolingConfiguration;
  layers: readonly Layer[];
  /** Returns the source of the tensors of the layer with this number. */
  weightsOf(layer: number): Weights;
  /**
   * The number of values in a vector after the layers; `dimensions` is how many of them are kept.
   */
  size: number;
  dimensions: number;
  normalize: boolean;
}

/**
 * Appends pooling, layers, truncation and normalisation, in this order. `hidden` is
 * `[rows, columns, hiddenSize]`; `mask` is float32 `[rows, columns]`, with 1 for a token and 0 for
 * padding.
 * @returns `[rows, dimensions]`
 */
export function appendHead(
  builder: OnnxGraphBuilder,
  tokens: { hidden: Value; mask: Value },
  head: SentenceHead,
): Value {
  let vectors = pool(builder, tokens, head.pooling);
  for (const [index, layer] of head.layers.entries())
    vectors =
      layer.kind === 'dense'
        ? denseLayer(builder, head.weightsOf(index), vectors, layer)
        : normalizeRows(builder, vectors);
  return finishVectors(builder, vectors, head);
}

/** Truncates and normalises vectors `[rows, size]`: `[rows, dimensions]`. */
export function finishVectors(
  builder: OnnxGraphBuilder,
  vectors: Value,
  { size, dimensions, normalize }: Pick<SentenceHead, 'size' | 'dimensions' | 'normalize'>,
): Value {
  let kept = vectors;
  if (dimensions < size) {
    const [start, end, axis] = [0, dimensions, 1].map((value) => builder.integers(value));
    kept = builder.add('Slice', [vectors, start!, end!, axis!]);
  }
  return normalize ? normalizeRows(builder, kept) : kept;
}

function pool(
  builder: OnnxGraphBuilder,
  { hidden, mask }: { hidden: Value; mask: Value },
  { modes, includePrompt }: PoolingConfiguration,
): Value {
  let counted: Value | undefined;
  // Padding may have any number in this order, because the mask is multiplied in wherever the order
  // is used.
  const order = () => (counted ??= builder.add('CumSum', [mask, builder.integers(1)]));
  const inputs = { hidden, order, mask: includePrompt ? mask : withoutPrompt(builder, mask, order()) };
  const pooled = modes.map((mode) => POOLING_GRAPHS[mode](builder, inputs));
  return pooled.length === 1 ? pooled[0]! : builder.add('Concat', pooled, { axis: { int: 1 } });
}

/** Returns the mask, in which the first `promptLength` tokens of each row are also 0. */
function withoutPrompt(builder: OnnxGraphBuilder, mask: Value, order: Value): Value {
  const length = builder.input(GRAPH_NAMES.promptLength, 'int64', [1]);
  const last = builder.add('Cast', [length], { to: { int: DATA_TYPE.float32 } });
  const beyond = builder.add('Cast', [builder.add('Greater', [order, last])], {
    to: { int: DATA_TYPE.float32 },
  });
  return builder.add('Mul', [mask, beyond]);
}
