import type { Layer } from '../folder/layer-configuration.js';
import type { PoolingConfiguration } from '../folder/pooling-configuration.js';
import { denseLayer } from './dense.js';
import type { GraphBuilder, Value } from './graph-builder.js';
import { GRAPH_NAMES } from './graph-names.js';
import { DATA_TYPE } from './onnx-format.js';
import { normalizeRows, POOLING_GRAPHS } from './poolings.js';
import type { Weights } from './weights.js';

/** What turns token states into one vector a row. */
export interface SentenceHead {
  pooling: PoolingConfiguration;
  layers: readonly Layer[];
  /** Where the tensors of the layer with this number come from. */
  weightsOf(layer: number): Weights;
  /** Numbers a vector has after the layers, and how many of them stay. */
  size: number;
  dimensions: number;
  normalize: boolean;
}

/**
 * Appends pooling, layers, truncation and normalisation, in this order. `hidden` is `[rows, columns, hiddenSize]`,
 * `mask` float32 `[rows, columns]`: 1 for a token, 0 for padding.
 * @returns `[rows, dimensions]`
 */
export function appendHead(
  builder: GraphBuilder,
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

/** Truncation and normalisation of vectors `[rows, size]`: `[rows, dimensions]`. */
export function finishVectors(
  builder: GraphBuilder,
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
  builder: GraphBuilder,
  { hidden, mask }: { hidden: Value; mask: Value },
  { modes, includePrompt }: PoolingConfiguration,
): Value {
  let counted: Value | undefined;
  // Any running number serves padding: the mask is multiplied in wherever the order is used.
  const order = () => (counted ??= builder.add('CumSum', [mask, builder.integers(1)]));
  const inputs = { hidden, order, mask: includePrompt ? mask : withoutPrompt(builder, mask, order()) };
  const pooled = modes.map((mode) => POOLING_GRAPHS[mode](builder, inputs));
  return pooled.length === 1 ? pooled[0]! : builder.add('Concat', pooled, { axis: { int: 1 } });
}

/** The mask with 0 for the first `promptLength` tokens of each row, too. */
function withoutPrompt(builder: GraphBuilder, mask: Value, order: Value): Value {
  const length = builder.input(GRAPH_NAMES.promptLength, 'int64', [1]);
  const last = builder.add('Cast', [length], { to: { int: DATA_TYPE.float32 } });
  const beyond = builder.add('Cast', [builder.add('Greater', [order, last])], {
    to: { int: DATA_TYPE.float32 },
  });
  return builder.add('Mul', [mask, beyond]);
}
