import type { ModelSignature, Precision } from '../../../core/model-signature.js';
import { appendEncoder, encoderWeights, GRAPH_VERSION } from '../onnx/encoder-graph.js';
import { GRAPH_NAMES } from '../onnx/graph-names.js';
import { halfProducts } from '../onnx/half-products.js';
import { layerWeights, withWeightsFiles } from '../onnx/layer-weights.js';
import { writeModel } from '../onnx/model-writer.js';
import { OnnxGraphBuilder } from '../onnx/onnx-graph-builder.js';
import { cachedOnnxGraph } from '../onnx/onnx-graph-cache.js';
import { FLOAT_PRODUCTS, type Products } from '../onnx/products.js';
import { byteProducts } from '../onnx/quantise.js';
import { appendHead, type SentenceHead } from '../onnx/sentence-head.js';
import type { Weights } from '../onnx/weights.js';
import type { ModelFolder } from './model-folder.js';

/**
 * Returns the path of a model's graph in the cache. The graph is written first where it is missing.
 */
export async function ensureModelGraph(model: ModelFolder, signature: ModelSignature): Promise<string> {
  const {
    name: _,
    tokenizerSha256: _tokenizer,
    maxTokens: _limit,
    prompts: _prompts,
    ...computed
  } = signature;
  const identity = { ...computed, GRAPH_VERSION };
  return cachedOnnxGraph(identity, (file) => writeModelGraph(model, graphOptionsOf(model, signature), file));
}

/**
 * Checks whether the weights can become a graph, reading only their headers. Errors: MODEL_INVALID
 * and MODEL_UNSUPPORTED.
 */
export async function checkWeights(model: ModelFolder, computed: Computed): Promise<void> {
  await withGraph(model, graphOptionsOf(model, computed), async () => undefined);
}

/**
 * Writes a model as one ONNX graph that includes pooling and normalisation. The file appears either
 * whole or not at all. Errors: those of the weights file.
 */
export async function writeModelGraph(
  model: ModelFolder,
  options: ModelGraphOptions,
  outFile: string,
): Promise<void> {
  await withGraph(model, options, (builder) => writeModel(builder, outFile, `graph ${GRAPH_VERSION}`));
}

/** Returns the options of the graph that a signature describes. */
export function graphOptionsOf(
  model: ModelFolder,
  { dimensions, precision, ranges }: Computed,
): ModelGraphOptions {
  return { dimensions, products: PRODUCTS[precision](model.weightsFile, ranges ?? {}) };
}

const PRODUCTS: Readonly<
  Record<Precision, (file: string, ranges: NonNullable<ModelSignature['ranges']>) => Products>
> = {
  float32: () => FLOAT_PRODUCTS,
  float16: (file) => halfProducts(file),
  int8: (file, ranges) => byteProducts(ranges, file),
};

/** The part of a signature that describes the graph rather than its model. */
type Computed = Pick<ModelSignature, 'dimensions' | 'precision' | 'ranges'>;

/** The choices on which a graph's shape depends, apart from its model. */
export interface ModelGraphOptions {
  /** The number of values of each vector that are kept. */
  dimensions: number;
  products: Products;
}

/** Builds the graph for `use`, which may still read the weights. */
async function withGraph(
  model: ModelFolder,
  { dimensions, products }: ModelGraphOptions,
  use: (builder: OnnxGraphBuilder) => Promise<void>,
): Promise<void> {
  await withWeightsFiles(async (open) => {
    const builder = new OnnxGraphBuilder();
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

function buildGraph(
  builder: OnnxGraphBuilder,
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
