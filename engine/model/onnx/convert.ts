import type { ModelSignature, Precision } from '../../../core/model-signature.js';
import { modelUnsupported } from '../model-errors.js';
import type { ModelFolder } from '../model-folder.js';
import type { StoredTensors } from '../sharded-weights.js';
import type { Encoder } from './architecture.js';
import { GraphBuilder, type Value } from './graph-builder.js';
import { cachedGraph } from './graph-cache.js';
import { GRAPH_NAMES } from './graph-names.js';
import { halfProducts } from './half-products.js';
import { layerWeights, withWeightsFiles } from './layer-weights.js';
import { LOWEST_FLOAT32 } from './masks.js';
import { writeModel } from './model-writer.js';
import { DATA_TYPE } from './onnx-format.js';
import { FLOAT_PRODUCTS, type Products } from './products.js';
import { byteProducts } from './quantise.js';
import { appendHead, type SentenceHead } from './sentence-head.js';
import { Weights } from './weights.js';

/** Raised whenever the graph of an unchanged model changes, so that no cached graph of an older kind is used. */
export const GRAPH_VERSION = 3;

/** The path of a model's graph in the cache, written first where it is missing. */
export async function ensureGraph(model: ModelFolder, signature: ModelSignature): Promise<string> {
  const {
    name: _,
    tokenizerSha256: _tokenizer,
    maxTokens: _limit,
    prompts: _prompts,
    ...computed
  } = signature;
  const identity = { ...computed, GRAPH_VERSION };
  return cachedGraph(identity, (file) => writeGraph(model, layoutOf(model, signature), file));
}

/** Errors: MODEL_INVALID and MODEL_UNSUPPORTED, where the weights cannot become a graph. Reads their headers only. */
export async function checkWeights(model: ModelFolder, computed: Computed): Promise<void> {
  await withGraph(model, layoutOf(model, computed), async () => undefined);
}

/**
 * Writes a model as one ONNX graph, pooling and normalisation inside it. The file appears whole or not at all.
 * Errors: those of the weights file.
 */
export async function writeGraph(model: ModelFolder, layout: GraphLayout, outFile: string): Promise<void> {
  await withGraph(model, layout, (builder) => writeModel(builder, outFile, `graph ${GRAPH_VERSION}`));
}

/** The graph that a signature describes. */
export function layoutOf(model: ModelFolder, { dimensions, precision, ranges }: Computed): GraphLayout {
  return { dimensions, products: PRODUCTS[precision](model.weightsFile, ranges ?? {}) };
}

const PRODUCTS: Readonly<
  Record<Precision, (file: string, ranges: NonNullable<ModelSignature['ranges']>) => Products>
> = {
  float32: () => FLOAT_PRODUCTS,
  float16: (file) => halfProducts(file),
  int8: (file, ranges) => byteProducts(ranges, file),
};

/** What a signature says of the graph beyond its model. */
type Computed = Pick<ModelSignature, 'dimensions' | 'precision' | 'ranges'>;

/** What a graph's shape depends on beyond its model. */
export interface GraphLayout {
  /** Numbers kept of each vector. */
  dimensions: number;
  products: Products;
}

/** Lays the graph out for `use`, which may still read the weights. */
async function withGraph(
  model: ModelFolder,
  { dimensions, products }: GraphLayout,
  use: (builder: GraphBuilder) => Promise<void>,
): Promise<void> {
  await withWeightsFiles(async (open) => {
    const builder = new GraphBuilder();
    const weights = encoderWeights(await open(model.weightsFile), builder, model, products);
    const weightsOf = await layerWeights(model.layers, builder, open);
    buildGraph(builder, weights, model, {
      dimensions,
      weightsOf,
      runtimeOperators: products.runtimeOperators,
    });
    await use(builder);
  });
}

/** The encoder's tensors in a weights file. Errors: MODEL_UNSUPPORTED where there are none. */
export function encoderWeights(
  file: StoredTensors,
  builder: GraphBuilder,
  model: Pick<ModelFolder, 'architecture' | 'weightsFile'>,
  products: Products = FLOAT_PRODUCTS,
): Weights {
  const { weightPrefixes, probeTensor } = model.architecture;
  const prefix = weightPrefixes.find((candidate) => file.tensors.has(`${candidate}${probeTensor}`));
  if (prefix !== undefined) return new Weights(file, builder, prefix, '', products);
  throw modelUnsupported(
    model.weightsFile,
    `the weights hold no tensor "${probeTensor}" of the architecture`,
  );
}

function buildGraph(
  builder: GraphBuilder,
  weights: Weights,
  model: ModelFolder,
  {
    runtimeOperators,
    ...head
  }: Pick<SentenceHead, 'dimensions' | 'weightsOf'> & { runtimeOperators: boolean },
): void {
  const tokens = appendEncoder(builder, weights, model.encoder, { runtimeOperators });
  const { pooling, layers, normalize, dimensions: size } = model;
  const vectors = appendHead(builder, tokens, { pooling, layers, normalize, size, ...head });
  builder.output(GRAPH_NAMES.output, vectors, ['rows', head.dimensions]);
}

/**
 * Declares the graph's inputs and appends the encoder; `tokenTypes` says whether the token types are one of them,
 * `runtimeOperators` whether ONNX Runtime's own operators may be used.
 * @returns hidden states `[rows, columns, hiddenSize]`, and float32 `[rows, columns]`: 1 for a token, 0 for padding
 */
export function appendEncoder(
  builder: GraphBuilder,
  weights: Weights,
  encoder: Encoder,
  { tokenTypes = false, runtimeOperators = false }: { tokenTypes?: boolean; runtimeOperators?: boolean } = {},
): { hidden: Value; mask: Value } {
  const inputIds = builder.input(GRAPH_NAMES.inputIds, 'int64', ['rows', 'columns']);
  const attentionMask = builder.input(GRAPH_NAMES.attentionMask, 'int64', ['rows', 'columns']);
  const mask = builder.add('Cast', [attentionMask], { to: { int: DATA_TYPE.float32 } });
  const lowest = builder.add('Mul', [
    builder.add('Sub', [builder.scalar(1), mask]),
    builder.scalar(LOWEST_FLOAT32),
  ]);
  const maskBias = builder.add('Unsqueeze', [lowest, builder.integers(1, 2)]);
  const optional = {
    ...(tokenTypes && { tokenTypes: builder.input(GRAPH_NAMES.tokenTypes, 'int64', ['rows', 'columns']) }),
    ...(runtimeOperators && { unpadded: allOnes(builder, attentionMask) }),
  };
  const hidden = encoder.build(builder, weights, { inputIds, attentionMask, maskBias, ...optional });
  return { hidden, mask };
}

/** bool `[]` */
function allOnes(builder: GraphBuilder, mask: Value): Value {
  const least = builder.add('ReduceMin', [mask], { keepdims: { int: 0 } });
  return builder.add('Equal', [least, builder.integer(1)]);
}
