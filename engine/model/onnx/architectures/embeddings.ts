import type { EncoderInputs } from '../architecture.js';
import type { GraphBuilder, Value } from '../graph-builder.js';
import { layerNormalization } from '../layers.js';
import type { Weights } from '../weights.js';

interface EmbeddingSizes {
  hiddenSize: number;
  vocabularySize: number;
  /** Rows of the table of positions. */
  positions: number;
  epsilon: number;
  /** Segments that a token may belong to; none where the family has no segments. */
  segments?: number;
  /** Where positions are counted from, as `tokenPositions` does; without it, they are the columns' numbers. */
  paddingId?: number;
}

/**
 * Words, learned positions and segment, summed and normalised: `[rows, columns, hiddenSize]`. Every row is one segment,
 * number 0: its embedding is a constant, and is added to the positions' beforehand.
 */
export function embed(
  builder: GraphBuilder,
  weights: Weights,
  inputs: EncoderInputs,
  sizes: EmbeddingSizes,
): Value {
  const { hiddenSize, paddingId } = sizes;
  const words = weights.tensor('embeddings.word_embeddings.weight', [sizes.vocabularySize, hiddenSize]);
  const table = positionTable(weights, sizes);
  const positions =
    paddingId === undefined
      ? leadingPositions(builder, inputs, table)
      : builder.add('Gather', [table, tokenPositions(builder, inputs, paddingId)]);
  const sum = builder.add('Add', [builder.add('Gather', [words, inputs.inputIds]), positions]);
  return layerNormalization(builder, weights, sum, {
    prefix: 'embeddings.LayerNorm',
    size: hiddenSize,
    epsilon: sizes.epsilon,
  });
}

/** `[positions, hiddenSize]` */
function positionTable(weights: Weights, { hiddenSize, positions, segments }: EmbeddingSizes): Value {
  const table = { name: 'embeddings.position_embeddings.weight', shape: [positions, hiddenSize] };
  if (segments === undefined) return weights.tensor(table.name, table.shape);
  return weights.derived(
    'embeddings.positions_and_segment',
    table.shape,
    [table, { name: 'embeddings.token_type_embeddings.weight', shape: [segments, hiddenSize] }],
    ([position, segment]) => position!.map((value, index) => value + segment![index % hiddenSize]!),
  );
}

function leadingPositions(builder: GraphBuilder, { inputIds }: EncoderInputs, table: Value): Value {
  const columns = builder.add('Shape', [inputIds], { start: { int: 1 } });
  return builder.add('Slice', [table, builder.integers(0), columns, builder.integers(0)]);
}

/**
 * As fairseq counts: a row's tokens from `paddingId + 1`, and `paddingId` for padding and for a padding token that a text
 * contains; int64 `[rows, columns]`.
 */
function tokenPositions(
  builder: GraphBuilder,
  { inputIds, attentionMask }: EncoderInputs,
  paddingId: number,
): Value {
  const padding = builder.add('Equal', [inputIds, builder.integer(paddingId)]);
  const counted = builder.add('Where', [padding, builder.integer(0), attentionMask]);
  const numbers = builder.add('CumSum', [counted, builder.integers(1)]);
  const places = builder.add('Mul', [numbers, counted]);
  return builder.add('Add', [places, builder.integer(paddingId)]);
}
