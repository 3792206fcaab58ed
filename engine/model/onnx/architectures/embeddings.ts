import type { EncoderInputs } from '../architecture.js';
import { layerNormalization } from '../layers.js';
import type { OnnxGraphBuilder, Value } from '../onnx-graph-builder.js';
import type { Weights } from '../weights.js';

/** The sizes of an encoder's tables of words, positions and segments. */
export interface EmbeddingSizes {
  hiddenSize: number;
  vocabularySize: number;
  /** The number of rows in the table of positions. */
  positions: number;
  epsilon: number;
  /**
   * The number of segments to which a token may belong; absent where the family has no segments.
   */
  segments?: number;
  /**
   * The padding token's id, from which `tokenPositions` counts. Without it, positions are the
   * columns' numbers.
   */
  paddingId?: number;
}

/**
 * Returns the sum of word, learned position and segment, normalised: `[rows, columns, hiddenSize]`.
 * Where every row is one segment, number 0, its embedding is a constant and is added to the
 * positions beforehand.
 */
export function embed(
  builder: OnnxGraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  sizes: EmbeddingSizes,
): Value {
  const { hiddenSize, paddingId } = sizes;
  const words = weights.tensor('embeddings.word_embeddings.weight', [sizes.vocabularySize, hiddenSize]);
  const types = segmentsOf(builder, weights, inputs, sizes);
  const table = positionTable(weights, sizes, types === undefined);
  const positions =
    paddingId === undefined
      ? leadingPositions(builder, inputs, table)
      : builder.add('Gather', [table, tokenPositions(builder, inputs, paddingId)]);
  const word = builder.add('Gather', [words, inputs.inputIds]);
  const typed = types === undefined ? word : builder.add('Add', [word, types]);
  const sum = builder.add('Add', [typed, positions]);
  return layerNormalization(builder, weights, sum, {
    prefix: 'embeddings.LayerNorm',
    size: hiddenSize,
    epsilon: sizes.epsilon,
  });
}

const SEGMENTS = 'embeddings.token_type_embeddings.weight';

/**
 * Returns the rows of the segments' table for all tokens, `[rows, columns, hiddenSize]`; undefined
 * where no token has a segment, or all have the first one.
 */
function segmentsOf(
  builder: OnnxGraphBuilder,
  weights: Weights,
  { tokenTypes }: EncoderInputs,
  { hiddenSize, segments }: EmbeddingSizes,
): Value | undefined {
  if (segments === undefined || tokenTypes === undefined) return undefined;
  return builder.add('Gather', [weights.tensor(SEGMENTS, [segments, hiddenSize]), tokenTypes]);
}

/**
 * Returns the table of positions, `[positions, hiddenSize]`. With `withSegment`, it includes the
 * first segment's embedding, if the family has segments.
 */
function positionTable(
  weights: Weights,
  { hiddenSize, positions, segments }: EmbeddingSizes,
  withSegment: boolean,
): Value {
  const table = { name: 'embeddings.position_embeddings.weight', shape: [positions, hiddenSize] };
  if (segments === undefined || !withSegment) return weights.tensor(table.name, table.shape);
  return weights.derived(
    'embeddings.positions_and_segment',
    table.shape,
    [table, { name: SEGMENTS, shape: [segments, hiddenSize] }],
    ([position, segment]) => position!.map((value, index) => value + segment![index % hiddenSize]!),
  );
}

function leadingPositions(builder: OnnxGraphBuilder, { inputIds }: EncoderInputs, table: Value): Value {
  const columns = builder.add('Shape', [inputIds], { start: { int: 1 } });
  return builder.add('Slice', [table, builder.integers(0), columns, builder.integers(0)]);
}

/**
 * Positions as fairseq counts them, int64 `[rows, columns]`. A row's tokens are counted from
 * `paddingId + 1`; padding, and padding tokens inside a text, have the position `paddingId`.
 */
function tokenPositions(
  builder: OnnxGraphBuilder,
  { inputIds, attentionMask }: EncoderInputs,
  paddingId: number,
): Value {
  const padding = builder.add('Equal', [inputIds, builder.integer(paddingId)]);
  const counted = builder.add('Where', [padding, builder.integer(0), attentionMask]);
  const numbers = builder.add('CumSum', [counted, builder.integers(1)]);
  const places = builder.add('Mul', [numbers, counted]);
  return builder.add('Add', [places, builder.integer(paddingId)]);
}
